using Director.Cli.Ipvsadm.Arguments;
using Director.Model;

namespace Director.Cli.Ipvsadm;

/// <summary>
/// <c>ipvsadm -R</c>: each line of the input is a command line. Changes are collected and sent as one transaction, at the end or
/// before a line that lists. What the director refuses is reported and passed over, and the exit code is the last line's; an error
/// of ours ends the restore there, with the lines before it carried out.
/// </summary>
internal sealed class Restore(IpvsadmParser parser, IpvsadmExecutor executor)
{
    /// <summary>Bounds the size of a request; files beyond it become several transactions.</summary>
    private const int LargestBatch = 50_000;

    private readonly List<DirectorCommand> _collected = [];
    private int _exitCode = ExitCode.Success;

    public async Task<int> RunAsync(TextReader input)
    {
        while (await input.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            string[] words = line.Split([' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["ipvsadm", ..])
                words = words[1..];
            if (words.Length > 0 && await RunLineAsync(words).ConfigureAwait(false))
                return _exitCode;
        }
        await SendAsync().ConfigureAwait(false);
        return _exitCode;
    }

    /// <returns>True if the restore ends with this line.</returns>
    private async Task<bool> RunLineAsync(string[] words)
    {
        IpvsadmInvocation invocation;
        try
        {
            invocation = parser.Parse(words, inRestore: true);
        }
        catch (UsageException e)
        {
            await SendAsync().ConfigureAwait(false);
            _exitCode = executor.Complain(e.Message, e.ExitCode);
            return e.EndsRestore;
        }
        if (invocation.ToChange() is { } change)
        {
            _collected.Add(change);
            if (_collected.Count == LargestBatch)
                await SendAsync().ConfigureAwait(false);
            return false;
        }
        await SendAsync().ConfigureAwait(false);
        _exitCode = await executor.ExecuteAsync(invocation).ConfigureAwait(false);
        return invocation.Command is IpvsadmCommand.Help or IpvsadmCommand.Version || _exitCode == ExitCode.NotListed;
    }

    private async Task SendAsync()
    {
        if (_collected.Count == 0)
            return;
        _exitCode = await executor.ChangeAsync(_collected).ConfigureAwait(false);
        _collected.Clear();
    }
}
