using Director.Actors.Marks;
using Director.Actors.Services;

namespace Director.Host.Configuration;

/// <summary>What can be told of a configuration's services and mark rules before any engine is there.</summary>
internal static class DeclarationCheck
{
    /// <summary>What is sound but hardly meant.</summary>
    public static IEnumerable<string> Warnings(DirectorOptions options)
    {
        MarkState marks = new() { Configured = [.. options.Marks], Interfaces = [.. options.Engine.Interfaces] };
        ServiceTable table = options.Services.Aggregate(ServiceTable.Empty with { Marks = marks }, (grown, service) => grown.Apply(new ServiceAdded(service)));
        return [.. options.Warnings, .. marks.Warnings(), .. Shadows.Of(table)];
    }
}
