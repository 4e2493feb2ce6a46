using System.Net;
using System.Net.Sockets;
using Director.Actors.Services;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Actors.Forwarding;

/// <summary>
/// One engine as long as it lasts, and what it has of the table. Every failure, a missing answer too, is an
/// <see cref="EngineException"/>.
/// </summary>
internal sealed class EngineLink(IForwardingEngine engine)
{
    /// <summary>An engine that does not answer for so long is not there: its packet thread answers between two batches.</summary>
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(10);

    private ulong _live;

    public IForwardingEngine Engine => engine;

    /// <summary>
    /// Tells a new engine everything but to own the addresses. Answers who else has them. The whole table goes over even if the
    /// engine's revision is ours: numbers begin anew with a new journal, contents need not be the same.
    /// </summary>
    public Task<AddressConflict[]> AttachAsync(
        EngineConfiguration configuration, ElectionConfiguration? election, ServiceTable table, ulong revision) => WithinAsync(async cancellation =>
    {
        await engine.ConfigureAsync(configuration, cancellation);
        if (election is not null)
            await engine.SetElectionAsync(election, cancellation);
        IPAddress[] wanted = [.. configuration.FloatingAddresses.Select(floating => floating.Address)
            .Concat(configuration.LocalAddresses).Concat(table.Addresses.Where(ServiceRules.IsUnicast)).Distinct()];
        AddressConflict[] conflicts = wanted.Length == 0 ? [] : await engine.ProbeAsync(wanted, cancellation);
        await ReplaceAsync(table, revision, cancellation);
        return conflicts;
    });

    public Task OwnAsync() => WithinAsync(async cancellation =>
    {
        await engine.OwnAsync(true, cancellation);
        return true;
    });

    public Task<AddressConflict[]> ProbeAsync(IPAddress[] addresses) => WithinAsync(cancellation => engine.ProbeAsync(addresses, cancellation));

    public Task ReplaceAsync(ServiceTable table, ulong revision) => WithinAsync(async cancellation =>
    {
        await ReplaceAsync(table, revision, cancellation);
        return true;
    });

    public Task PublishAsync(ServiceTable before, Publish publish) => WithinAsync(async cancellation =>
    {
        if (publish.Table.Timeouts != before.Timeouts)
            await engine.SetTimeoutsAsync(publish.Table.Timeouts, cancellation);
        if (publish.Table.Marks != before.Marks)
            await engine.SetMarksAsync([.. publish.Table.Marks.All], cancellation);
        if (publish.Table.Settings.InForce != before.Settings.InForce)
            await engine.SetSettingsAsync(publish.Table.Settings.InForce, cancellation);
        if (publish.Revision != _live)
        {
            TableUpdate delta = Delta(before, publish);
            _live = await engine.ApplyAsync(delta, cancellation);
            if (_live != publish.Revision)
                await ReplaceAsync(publish.Table, publish.Revision, cancellation);
        }
        foreach (ServiceKey? service in publish.Zeroes)
            await engine.ZeroAsync(service, cancellation);
        return true;
    });

    /// <summary>A service that was deleted and added again stands in both: it is a new one, in a new place.</summary>
    private TableUpdate Delta(ServiceTable before, Publish publish) => new(
        _live,
        publish.Revision,
        Full: false,
        publish.Table.InOrder(publish.Touched),
        [.. publish.Touched.Where(key => before.Find(key) is not null && !publish.Table.IsSame(before, key))]);

    // The table last: an engine that has it before the marks would take packets for other services.
    private async Task ReplaceAsync(ServiceTable table, ulong revision, CancellationToken cancellation)
    {
        await engine.SetTimeoutsAsync(table.Timeouts, cancellation);
        await engine.SetMarksAsync([.. table.Marks.All], cancellation);
        await engine.SetSettingsAsync(table.Settings.InForce, cancellation);
        _live = await engine.ApplyAsync(new TableUpdate(0, revision, Full: true, [.. table.Services], []), cancellation);
        if (_live != revision)
            throw new EngineException($"the engine answers revision {_live} to revision {revision}");
    }

    private static async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> ask)
    {
        using CancellationTokenSource timeout = new(AnswerWithin);
        try
        {
            return await ask(timeout.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            throw new EngineException(e is OperationCanceledException ? "the engine does not answer" : $"the engine is gone ({e.Message})", e);
        }
    }
}
