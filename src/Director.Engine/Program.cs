using System.Runtime.InteropServices;
using Director.Dataplane.Control;
using Director.Dataplane.Linux;
using Director.Engine;

if (args is ["--version"])
{
    Console.Out.WriteLine($"director-engine {EngineIdentity.ProductVersion}");
    return 0;
}
List<string> errors = [];
if (EngineArguments.Parse(args, errors) is not { } arguments)
{
    foreach (string error in errors)
        Console.Error.WriteLine($"director-engine: {error}");
    Console.Error.WriteLine(EngineArguments.Usage);
    return 2;
}
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
