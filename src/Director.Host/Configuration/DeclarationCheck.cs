using System.Net;
using Director.Actors.Marks;
using Director.Actors.Services;
using Director.Model;

namespace Director.Host.Configuration;

/// <summary>What can be told of a configuration's services and mark rules before any engine is there, by the rules that commands meet.</summary>
internal static class DeclarationCheck
{
    /// <summary>Why the director would not take the service; null if it would.</summary>
    /// <param name="service">With its servers.</param>
    /// <param name="localAddresses"><c>director.local-addresses</c>.</param>
    public static string? Objection(VirtualService service, IPAddress[] localAddresses)
    {
        Capabilities can = Capabilities.ThisVersion with { LocalAddresses = localAddresses };
        CommandResult answer = new ServiceState(service.Key).Decide(new AddService(service), can).Result;
        return answer.Succeeded ? null : answer.Detail ?? answer.Error.ToString();
    }

    /// <summary>What is sound but hardly meant.</summary>
    public static IEnumerable<string> Warnings(DirectorOptions options)
    {
        MarkState marks = new() { Configured = [.. options.Marks], Interfaces = [.. options.Engine.Interfaces] };
        ServiceTable table = options.Services.Aggregate(ServiceTable.Empty with { Marks = marks }, (grown, service) => grown.Apply(new ServiceAdded(service)));
        return [.. options.Warnings, .. marks.Warnings(), .. Shadows.Of(table)];
    }
}
