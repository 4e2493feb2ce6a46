using System.Reflection;

namespace Director.Architecture.Tests;

/// <summary>The product's assemblies by project name.</summary>
internal static class Products
{
    public static readonly Dictionary<string, Assembly> Assemblies = new()
    {
        ["Director.Model"] = Assembly.Load("Director.Model"),
        ["Director.Dataplane"] = Assembly.Load("Director.Dataplane"),
        ["Director.Engine"] = Assembly.Load("director-engine"),
        ["Director.Actors"] = Assembly.Load("Director.Actors"),
        ["Director.Host"] = Assembly.Load("directord"),
        ["Director.Cli"] = Assembly.Load("director"),
    };

    /// <summary>What somebody wrote: no closures, no types of source generators.</summary>
    public static IEnumerable<Type> WrittenTypes(Assembly assembly) => assembly.GetTypes()
        .Where(type => !type.Name.Contains('<', StringComparison.Ordinal) && type.Namespace?.StartsWith("Director", StringComparison.Ordinal) == true)
        .Where(type => type.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null
            && type.GetCustomAttribute<System.CodeDom.Compiler.GeneratedCodeAttribute>() is null);
}
