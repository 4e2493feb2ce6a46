using Director.Host.Marks;

namespace Director.Host.Tests.Marks;

/// <summary>A host whose iptables have these rules.</summary>
internal sealed class FixedHostMarks(HostMarks marks) : IHostMarkSource
{
    public Task<HostMarks> ReadAsync(CancellationToken cancellation) => Task.FromResult(marks);
}
