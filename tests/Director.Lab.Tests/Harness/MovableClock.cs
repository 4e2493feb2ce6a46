namespace Director.Lab.Tests.Harness;

/// <summary>A time of day of a program's own (<c>clock.c</c>, preloaded), which tests can move.</summary>
internal sealed class MovableClock
{
    private readonly string _library;
    private readonly string _offset;

    private MovableClock(string folder)
    {
        _library = Path.Combine(folder, "clock.so");
        _offset = Path.Combine(folder, "clock");
    }

    /// <summary>What goes before a command that is to run by it.</summary>
    public string Words => $"env LD_PRELOAD={_library} CLOCK_FILE={_offset}";

    public static async Task<MovableClock> PrepareAsync(LabHost host)
    {
        MovableClock clock = new(host.Scratch);
        string source = Path.Combine(Repository.Root, "tests/Director.Lab.Tests/Harness/clock.c");
        await host.RunAsync($"gcc -shared -fPIC -O1 -o {clock._library} {source} -ldl");
        await clock.SetAsync(TimeSpan.Zero);
        return clock;
    }

    /// <summary>So far from the machine's time, from now on.</summary>
    public async Task SetAsync(TimeSpan offset)
    {
        await using FileStream file = new(_offset, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        await file.WriteAsync(BitConverter.GetBytes((long)offset.TotalSeconds), TestContext.Current.CancellationToken);
    }
}
