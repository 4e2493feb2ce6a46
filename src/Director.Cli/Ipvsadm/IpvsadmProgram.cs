using Director.Cli.Ipvsadm.Arguments;
using Director.Cli.Ipvsadm.Names;
using Director.Cli.Transport;

namespace Director.Cli.Ipvsadm;

/// <summary>A drop-in for Debian's ipvsadm 1.31. <paramref name="program"/> is its name as it was called.</summary>
internal sealed class IpvsadmProgram(string program, IDirectorApi director, INameResolver names)
{
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, TextReader input, TextWriter output, TextWriter errors)
    {
        IpvsadmParser parser = new(program, names);
        IpvsadmExecutor executor = new(program, director, names, output, errors);
        try
        {
            IpvsadmInvocation invocation = arguments.Count == 0
                ? new IpvsadmInvocation(IpvsadmCommand.List, default)
                : parser.Parse(arguments);
            return invocation.Command == IpvsadmCommand.Restore
                ? await new Restore(parser, executor).RunAsync(input).ConfigureAwait(false)
                : await executor.ExecuteAsync(invocation).ConfigureAwait(false);
        }
        catch (UsageException e)
        {
            return executor.Complain(e.Message, e.ExitCode);
        }
        catch (DirectorUnreachableException e)
        {
            return executor.Complain(ErrorTexts.Of(e), ExitCode.Usage);
        }
        finally
        {
            output.Flush();
        }
    }
}
