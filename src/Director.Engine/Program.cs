using System.Runtime.InteropServices;
using Director.Dataplane.Control;
using Director.Dataplane.Linux;
using Director.Engine;

// Packets before whatever else the machine does, short of real time.
const int Niceness = -10;

if (EngineArguments.Read(args, out int exitCode) is not { } arguments)
    return exitCode;
try
{
    EngineProcess.Detach(arguments.Log);
    EngineLog log = new(Console.Error, TimeProvider.System);
    using ControlLoop loop = new(TimeProvider.System);
    using IEngineCore core = new EngineCore(loop, log);
    using EngineServer server = new(loop, EngineIdentity.Current(arguments.Name), core, log);
    server.Listen(arguments.Socket, TimeProvider.System);
    foreach (string warning in EngineProcess.StayInMemory())
        log.Warning(warning);
    if (!RealTime.TryFavour(Niceness))
        log.Warning("the engine runs at ordinary priority (CAP_SYS_NICE): other programs of a busy machine may delay its packets");
    using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
    loop.Run();
    return 0;

    void OnSignal(PosixSignalContext signal)
    {
        signal.Cancel = true;
        loop.Post(() => server.End($"{signal.Signal}"));
    }
}
catch (EngineException failure)
{
    Console.Error.WriteLine($"director-engine: {failure.Message}");
    return 1;
}
