using System.Diagnostics;

namespace Director.Lab.Tests.Harness;

/// <summary>Runs <c>/bin/sh</c> text, on the host or in a namespace, with a time limit.</summary>
internal static class Shell
{
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(30);

    /// <summary>
    /// <paramref name="prefix"/> are words before <c>sh</c>, e.g. <c>ip netns exec NAME</c>; <paramref name="where"/> is what
    /// the output calls the place.
    /// </summary>
    public static async Task<Output> RunAsync(string where, string[] prefix, string script, string? input = null, TimeSpan? limit = null)
    {
        using Process process = new() { StartInfo = StartInfo(prefix, script) };
        process.StartInfo.RedirectStandardInput = true;
        process.StartInfo.RedirectStandardOutput = true;
        process.StartInfo.RedirectStandardError = true;
        process.Start();

        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(limit ?? DefaultLimit);
        Task<string> text = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.StandardInput.WriteAsync((input ?? "").AsMemory(), deadline.Token);
            process.StandardInput.Close();
            await process.WaitForExitAsync(deadline.Token);
            // A grandchild may hold the pipe open after the command itself has ended.
            return new Output(where, script, process.ExitCode, await text.WaitAsync(deadline.Token), await errors.WaitAsync(deadline.Token));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"{where}# {script}\ndid not end within {limit ?? DefaultLimit}");
        }
    }

    public static ProcessStartInfo StartInfo(string[] prefix, string script)
    {
        string[] words = [.. prefix, "/bin/sh", "-c", script];
        ProcessStartInfo start = new(words[0]) { WorkingDirectory = Repository.Root };
        foreach (string word in words[1..])
            start.ArgumentList.Add(word);
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        return start;
    }
}
