using System.Runtime.InteropServices;
using Director.Dataplane.Control;
using Director.Dataplane.Linux;
using Director.Engine;

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
