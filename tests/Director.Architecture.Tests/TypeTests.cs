using System.Text.RegularExpressions;

namespace Director.Architecture.Tests;

/// <summary>House rules on types.</summary>
public sealed partial class TypeTests
{
    public static TheoryData<string> Projects => [.. Products.Assemblies.Keys];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_concrete_class_is_sealed(string project) =>
        Assert.Empty(Written(project).Where(type => type is { IsClass: true, IsAbstract: false, IsSealed: false } && type.Name != "Program").Select(type => type.FullName));

    [Theory]
    [MemberData(nameof(Projects))]
    public void No_type_is_a_drawer_for_odds_and_ends(string project) =>
        Assert.Empty(Written(project).Where(type => Drawer().IsMatch(type.Name)).Select(type => type.FullName));

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_namespace_is_the_project_and_the_folder(string project)
    {
        List<string> wrong = [];
        foreach (string file in Source.Files(Path.Combine("src", project)))
        {
            string folder = Path.GetDirectoryName(Path.GetRelativePath(Path.Combine(Source.Root, "src"), file))!.Replace(Path.DirectorySeparatorChar, '.');
            // The nouns of the model are one namespace, whatever folder they are filed under.
            string expected = project == "Director.Model" ? project : folder;
            string? declared = File.ReadLines(file).Select(line => Namespace().Match(line)).FirstOrDefault(match => match.Success)?.Groups[1].Value;
            if (declared is not null && declared != expected)
                wrong.Add($"{Source.Name(file)}: {declared}, not {expected}");
        }
        Assert.Empty(wrong);
    }

    private static IEnumerable<Type> Written(string project) => Products.WrittenTypes(Products.Assemblies[project]);

    [GeneratedRegex("^Common|(Utils|Utilities|Helper|Helpers|Manager)$")]
    private static partial Regex Drawer();

    [GeneratedRegex(@"^namespace ([\w.]+);")]
    private static partial Regex Namespace();
}
