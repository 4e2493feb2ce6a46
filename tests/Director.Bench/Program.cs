using System.Runtime.InteropServices;
using Director.Bench.Failover;
using Director.Bench.Sync;
using Director.Lab.Tests.Harness;

// What ./bench runs. Exit code: 0; 1 when a run of ours failed or broke a connection, or nothing was measured; 2 when the options make no sense.
using CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

switch (args)
{
    case ["--failover", .. var rest] when FailoverOptions.TryParse(rest, out FailoverOptions? options):
        await using (LabRun lab = new())
        {
            await lab.InitializeAsync();
            return await FailoverBenchmark.RunAsync(options, stop.Token) ? 0 : 1;
        }
    case ["--sync", .. var rest] when SyncOptions.TryParse(rest, out SyncOptions? options):
        await using (LabRun lab = new())
        {
            await lab.InitializeAsync();
            return await SyncBenchmark.RunAsync(options, stop.Token) ? 0 : 1;
        }
    default:
        Console.Error.WriteLine($"{FailoverOptions.Usage}\n{SyncOptions.Usage}");
        return 2;
}

// The lab is taken down and what there is is told.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
