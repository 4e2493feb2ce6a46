using System.Runtime.InteropServices;

namespace Director.Host.Life;

/// <summary>SIGTERM and SIGINT stop directord and its engine; SIGUSR2 stops directord alone.</summary>
public sealed class Signals(IHostApplicationLifetime lifetime, LeaveEngine leave, ILogger<Signals> log) : IHostLifetime, IDisposable
{
    /// <summary>The same number on every Linux that .NET runs on.</summary>
    private const PosixSignal SigUsr2 = (PosixSignal)12;

    private readonly List<PosixSignalRegistration> _registrations = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGTERM, PosixSignal.SIGINT, PosixSignal.SIGQUIT, SigUsr2])
            _registrations.Add(PosixSignalRegistration.Create(signal, Received));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _registrations.ForEach(registration => registration.Dispose());

    private void Received(PosixSignalContext context)
    {
        // Or the default would end the process before anything is released.
        context.Cancel = true;
        leave.Requested |= context.Signal == SigUsr2;
        log.LogInformation("{Signal}: stopping", context.Signal == SigUsr2 ? "SIGUSR2" : context.Signal.ToString());
        lifetime.StopApplication();
    }
}
