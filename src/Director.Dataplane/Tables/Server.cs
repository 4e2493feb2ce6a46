using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tables;

/// <summary>
/// A real server as the packet thread works with it. Belongs to the packet thread alone; <see cref="Slot"/> is its place in
/// the shared side table, by which connections refer to it.
/// </summary>
public sealed class Server
{
    public Server(RealServer configuration, uint slot)
    {
        Configuration = configuration;
        Slot = slot;
        Address = IpAddress.Of(configuration.Address);
        LastWeight = configuration.Weight;
    }

    public RealServer Configuration { get; private set; }

    public uint Slot { get; }

    public IpAddress Address { get; }

    public ushort Port => Configuration.Port;

    public ForwardingMethod Forwarding => Configuration.Forwarding;

    public int Weight => Configuration.Weight;

    /// <summary>The weight before it was set to 0, if it is 0 now (IPVS: last_weight); 0 if it was added so.</summary>
    public int LastWeight { get; private set; }

    /// <summary>Its index in the list of its service; -1 while it is in none.</summary>
    public int Position { get; internal set; } = -1;

    /// <summary>Connections in SYN_RECV, ESTABLISHED, SYN_SENT, SYNACK (IPVS: activeconns).</summary>
    public uint ActiveConnections { get; private set; }

    public uint InactiveConnections { get; private set; }

    public uint PersistentConnections { get; private set; }

    /// <summary>Upper threshold reached and not yet fallen below the lower one (IP_VS_DEST_F_OVERLOAD): gets no new connections.</summary>
    public bool Overloaded
    {
        get;
        private set
        {
            if (field == value)
                return;
            field = value;
            UpdateAvailability();
        }
    }

    /// <summary>Connections of any state, and templates, that refer to it.</summary>
    public uint References => ActiveConnections + InactiveConnections + PersistentConnections;

    /// <summary>Taken out of its service while connections were left; their packets are dropped (expire_nodest_conn=0).</summary>
    public bool IsDeleted { get; set; }

    /// <summary>The service that it belongs to, or belonged to.</summary>
    public Service Service { get; private set; } = null!;

    public Counters Counters;

    public RateEstimator Rates;

    /// <summary>Its weight for new connections: 0 while it is overloaded.</summary>
    public int AvailableWeight => Overloaded ? 0 : Weight;

    /// <summary>Whether it gets new connections.</summary>
    public bool IsAvailable => AvailableWeight > 0;

    /// <summary>Put into (or back into) a service.</summary>
    internal void Bind(Service service)
    {
        Service = service;
        IsDeleted = false;
        LastWeight = Weight;
    }

    public void Edit(RealServer configuration)
    {
        // As IPVS: a raised or lifted limit ends the overload, a lowered one counts from the next connection on.
        if (configuration.UpperThreshold == 0 || configuration.UpperThreshold > Configuration.UpperThreshold)
            Overloaded = false;
        Configuration = configuration;
        if (Weight != 0)
            LastWeight = Weight;
        UpdateAvailability();
    }

    /// <summary>A connection was bound (ip_vs_bind_dest). New connections count as inactive until their state says otherwise.</summary>
    public void ConnectionBound(bool active)
    {
        if (active)
            ActiveConnections++;
        else
            InactiveConnections++;
        Overloaded |= Configuration.UpperThreshold is > 0 and uint upper && TotalConnections >= upper;
    }

    /// <summary>A connection ended (ip_vs_unbind_dest).</summary>
    public void ConnectionUnbound(bool active)
    {
        if (active)
            ActiveConnections--;
        else
            InactiveConnections--;
        // Without a lower threshold, three quarters of the upper; without either, nothing is an overload.
        uint upper = Configuration.UpperThreshold;
        uint lower = Configuration.LowerThreshold;
        if (lower != 0 ? TotalConnections < lower : upper == 0 || TotalConnections * 4 < (ulong)upper * 3)
            Overloaded = false;
    }

    /// <summary>A bound connection went from inactive to active or back; thresholds look at the sum, which stays.</summary>
    public void ConnectionChanged(bool active)
    {
        ActiveConnections += active ? 1u : unchecked((uint)-1);
        InactiveConnections += active ? unchecked((uint)-1) : 1u;
    }

    /// <summary>A template was made for it, or has ended: not a connection.</summary>
    public void TemplateBound() => PersistentConnections++;

    /// <inheritdoc cref="TemplateBound"/>
    public void TemplateUnbound() => PersistentConnections--;

    private void UpdateAvailability()
    {
        if (Position >= 0)
            Service.Weights.Update(this);
    }

    // What thresholds look at (ip_vs_dest_totalconns).
    private ulong TotalConnections => (ulong)ActiveConnections + InactiveConnections;
}
