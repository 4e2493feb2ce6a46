using NetArchTest.Rules;

namespace Director.Architecture.Tests;

/// <summary>Dependencies point one way: Model, Dataplane, Engine; Model, Dataplane, Actors, Host; Model, Cli.</summary>
public sealed class DependencyTests
{
    private static readonly string[] AspNet = ["Microsoft.AspNetCore"];

    [Theory]
    [InlineData("Director.Model", "")]
    [InlineData("Director.Dataplane", "Director.Model")]
    [InlineData("Director.Engine", "Director.Dataplane Director.Model")]
    [InlineData("Director.Actors", "Director.Dataplane Director.Model")]
    [InlineData("Director.Host", "Director.Actors Director.Dataplane Director.Model")]
    [InlineData("Director.Cli", "Director.Model")]
    public void A_project_refers_only_to_those_below_it(string project, string below)
    {
        string[] projects = ["Director.Engine", .. Products.Assemblies.Values.Select(assembly => assembly.GetName().Name!)];
        string[] found = [.. References(project).Intersect(projects).Except(below.Split(' ')).Where(name => name != OwnName(project))];
        Assert.Empty(found);
    }

    [Fact]
    public void Model_needs_no_package() =>
        Assert.All(References("Director.Model"), name => Assert.StartsWith("System.", name, StringComparison.Ordinal));

    [Theory]
    [InlineData("Director.Dataplane", "Akka Microsoft.AspNetCore Serilog")]
    // The engine allocates nothing after its start: no actors, no JSON, no HTTP.
    [InlineData("Director.Engine", "Akka Microsoft.AspNetCore Serilog System.Text.Json System.Net.Http")]
    [InlineData("Director.Actors", "Microsoft.AspNetCore")]
    [InlineData("Director.Cli", "Akka Microsoft.AspNetCore")]
    public void A_project_knows_nothing_of(string project, string strangers)
    {
        string[] found = [.. References(project).Where(name => strangers.Split(' ').Any(stranger => name.StartsWith(stranger, StringComparison.Ordinal)))];
        Assert.Empty(found);
    }

    [Fact]
    public void Actors_do_not_reach_into_the_kernels_corner()
    {
        NetArchTest.Rules.TestResult result = Types.InAssembly(Products.Assemblies["Director.Actors"]).ShouldNot().HaveDependencyOn("Director.Dataplane.Linux").GetResult();
        Assert.Empty(result.FailingTypeNames ?? []);
    }

    [Fact]
    public void The_host_knows_no_packet_bytes()
    {
        NetArchTest.Rules.TestResult result = Types.InAssembly(Products.Assemblies["Director.Host"]).ShouldNot()
            .HaveDependencyOnAny("Director.Dataplane.Wire", "Director.Dataplane.Pipeline", "Director.Dataplane.Connections").GetResult();
        Assert.Empty(result.FailingTypeNames ?? []);
    }

    [Fact]
    public void Only_the_host_speaks_http() =>
        Assert.Equal(["Director.Host"], Products.Assemblies.Keys.Where(project => References(project).Any(name => AspNet.Any(name.StartsWith))));

    private static string OwnName(string project) => Products.Assemblies[project].GetName().Name!;

    private static IEnumerable<string> References(string project) =>
        Products.Assemblies[project].GetReferencedAssemblies().Select(reference => reference.Name!);
}
