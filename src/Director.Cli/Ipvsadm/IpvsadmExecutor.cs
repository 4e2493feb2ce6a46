using Director.Cli.Ipvsadm.Arguments;
using Director.Cli.Ipvsadm.Listing;
using Director.Cli.Ipvsadm.Names;
using Director.Cli.Transport;
using Director.Model;

namespace Director.Cli.Ipvsadm;

/// <summary>Carries out one command line: a change goes to the director, everything else is printed.</summary>
internal sealed class IpvsadmExecutor(string program, IDirectorApi director, INameResolver names, TextWriter output, TextWriter errors)
{
    /// <returns>The exit code.</returns>
    public async Task<int> ExecuteAsync(IpvsadmInvocation invocation)
    {
        if (invocation.ToChange() is { } change)
            return await ChangeAsync([change]).ConfigureAwait(false);
        switch (invocation.Command)
        {
            case IpvsadmCommand.Version:
                output.Write($"{HelpText.Version}\n");
                return ExitCode.Success;
            case IpvsadmCommand.Help:
                output.Write($"{HelpText.Version}\n{HelpText.Usage(program)}");
                return ExitCode.Success;
            case IpvsadmCommand.Save:
                ServicesListing saved = await director.GetServicesAsync().ConfigureAwait(false);
                new SavePrinter(new AddressNotation(names, invocation.Numeric)).Print(saved.Services, output);
                return ExitCode.Success;
            default:
                return await ListAsync(invocation).ConfigureAwait(false);
        }
    }

    /// <summary>One transaction; a command that is refused is reported and does not stop the others.</summary>
    /// <returns>The exit code of the last of them.</returns>
    public async Task<int> ChangeAsync(IReadOnlyList<DirectorCommand> changes)
    {
        CommandBatchResult answer = await director.ExecuteAsync(new CommandBatch([.. changes])).ConfigureAwait(false);
        foreach (CommandResult result in answer.Results.Where(result => !result.Succeeded))
            Complain(ErrorTexts.Of(result), ExitCode.Refused);
        return answer.Results[^1].Succeeded ? ExitCode.Success : ExitCode.Refused;
    }

    /// <summary>To stderr, after what was printed so far.</summary>
    public int Complain(string text, int exitCode)
    {
        output.Flush();
        errors.Write($"{text}\n");
        return exitCode;
    }

    private async Task<int> ListAsync(IpvsadmInvocation invocation)
    {
        OptionSet given = invocation.Given;
        AddressNotation notation = new(names, invocation.Numeric);
        if (given.Has(IpvsadmOption.Connection))
        {
            ConnectionsPrinter printer = new(notation, given.Has(IpvsadmOption.PersistentConnections));
            await printer.PrintAsync(director.GetConnectionsAsync(), output).ConfigureAwait(false);
            return ExitCode.Success;
        }
        if (given.Has(IpvsadmOption.Timeouts))
        {
            TimeoutsPrinter.Print(await director.GetTimeoutsAsync().ConfigureAwait(false), output);
            return ExitCode.Success;
        }
        if (given.Has(IpvsadmOption.Daemon))
        {
            DaemonsPrinter.Print(await director.GetDaemonsAsync().ConfigureAwait(false), output);
            return ExitCode.Success;
        }

        TablePrinter table = new(FormatFor(given), notation, sorted: !given.Has(IpvsadmOption.NoSort));
        ServicesListing listing = await director.GetServicesAsync().ConfigureAwait(false);
        if (invocation.Service is not { } key)
        {
            TablePrinter.Title(listing.ConnectionTableSize, output);
            table.Print(listing.Services, output);
            return ExitCode.Success;
        }
        if (Array.Find(listing.Services, one => one.Service.Key == key) is not { } service)
            return Complain(ErrorTexts.NoSuchService, ExitCode.NotListed);
        table.Print([service], output);
        return ExitCode.Success;
    }

    private static TableFormat FormatFor(OptionSet given) =>
        given.Has(IpvsadmOption.Stats) ? new StatisticsFormat(given.Has(IpvsadmOption.Exact))
        : given.Has(IpvsadmOption.Rate) ? new RatesFormat(given.Has(IpvsadmOption.Exact))
        : given.Has(IpvsadmOption.Thresholds) ? new ThresholdsFormat()
        : given.Has(IpvsadmOption.PersistentConnections) ? new PersistentConnectionsFormat()
        : given.Has(IpvsadmOption.TunnelInfo) ? new TunnelsFormat()
        : new WeightsFormat();
}
