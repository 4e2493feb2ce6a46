using System.Text.RegularExpressions;

namespace Director.Architecture.Tests;

/// <summary>House rules that are read off the source text.</summary>
public sealed partial class SourceTests
{
    private static readonly string KernelCorner = Path.Combine("src", "Director.Dataplane", "Linux") + Path.DirectorySeparatorChar;

    [Fact]
    public void Unsafe_code_and_native_names_live_in_one_corner() =>
        Assert.Empty(Found(Source.Files("src").Where(file => !Source.Name(file).StartsWith(KernelCorner, StringComparison.Ordinal)), Native()));

    [Fact]
    public void Time_and_chance_come_from_outside() =>
        Assert.Empty(Found(Source.Files("src"), Clock()));

    [Fact]
    public void A_program_composes_in_forty_lines()
    {
        string[] programs = [.. Source.Files("src").Where(file => Path.GetFileName(file) == "Program.cs")];
        Assert.Equal(3, programs.Length);
        Assert.Empty(programs.Where(file => File.ReadLines(file).Count() > 40).Select(Source.Name));
    }

    [Fact]
    public void There_are_no_regions() => Assert.Empty(Found([.. Source.Files("src"), .. Source.Files("tests")], Region()));

    [Theory]
    [InlineData("unsafe { }", true)]
    [InlineData("public static unsafe void Map()", true)]
    [InlineData("[LibraryImport(\"libc\")]", true)]
    [InlineData("[DllImport(\"libc\")]", true)]
    [InlineData("Span<byte> buffer = stackalloc byte[4];", false)]
    [InlineData("Unsafe.Add(ref first, i)", false)]
    public void Native_code_is_told_from_safe_code(string code, bool native) => Assert.Equal(native, Native().IsMatch(code));

    private static IEnumerable<string> Found(IEnumerable<string> files, Regex pattern) =>
        files.SelectMany(Source.Lines).Where(line => pattern.IsMatch(line.Code)).Select(line => line.Place);

    [GeneratedRegex(@"\bunsafe\b|\bDllImport\b|\bLibraryImport\b")]
    private static partial Regex Native();

    [GeneratedRegex(@"\bThread\.Sleep\b|\bDateTime(Offset)?\.(Utc)?Now\b|\bnew Random\(\)|\bRandom\.Shared\b")]
    private static partial Regex Clock();

    [GeneratedRegex(@"^#region\b")]
    private static partial Regex Region();
}
