using Director.Host.Configuration;

namespace Director.Host.Tests.Configuration;

/// <summary>The files under <c>config</c>: whoever starts from one of them starts from one that is sound.</summary>
public sealed class ExampleTests
{
    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder(), "*.conf").Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void An_example_is_sound(string file)
    {
        (DirectorOptions? options, ConfigurationError[] errors) = ConfigurationReader.Read(Path.Combine(Folder(), file));
        Assert.Empty(errors);
        Assert.NotEmpty(options!.Engine.Interfaces);
    }

    private static string Folder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "HaDirector.sln")))
            folder = folder.Parent;
        return Path.Combine(folder!.FullName, "config");
    }
}
