namespace Director.Host.Marks;

/// <summary>Where the host's own mark rules are read: its iptables (<see cref="IptablesSave"/>), or what a test says.</summary>
public interface IHostMarkSource
{
    /// <summary>Never fails: what could not be read is told in <see cref="HostMarks.Trouble"/>.</summary>
    Task<HostMarks> ReadAsync(CancellationToken cancellation);
}
