using Director.Lab.Tests.Harness;

namespace Director.Bench.Failover;

/// <summary>A product at one setting, on both hosts of the lab, of which one owns the addresses.</summary>
internal interface IBalancerPair
{
    /// <summary>Of the product.</summary>
    string Name { get; }

    string Setting { get; }

    /// <summary>That no connection may break.</summary>
    bool IsOurs { get; }

    IReadOnlyList<Ending> Endings { get; }

    /// <summary>On hosts on which nothing runs; returns when one owns and the other one could take over.</summary>
    Task StartAsync();

    /// <summary>
    /// Takes away what is remembered of connections of earlier runs: that of one host may have ended at the other one, and in a lab
    /// with one client the same port comes again soon.
    /// </summary>
    Task ForgetConnectionsAsync();

    /// <summary>Waits until exactly one owns and the other one could take over, with the connections if it keeps them at all.</summary>
    Task<LabHost> SettledAsync();

    Task<bool> OwnsAsync(LabHost host);

    /// <summary>Leaves hosts on which nothing runs, whatever state they were in.</summary>
    Task StopAsync();
}
