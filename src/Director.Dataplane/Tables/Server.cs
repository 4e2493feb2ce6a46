using System.Buffers.Binary;
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
        Span<byte> bytes = stackalloc byte[16];
        Address = configuration.Address.TryWriteBytes(bytes, out int length) && length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : 0;
    }

    public RealServer Configuration { get; private set; }

    public uint Slot { get; }

    /// <summary>IPv4 address in host order.</summary>
    public uint Address { get; }

    public ushort Port => Configuration.Port;

    public ForwardingMethod Forwarding => Configuration.Forwarding;

    public int Weight => Configuration.Weight;

    /// <summary>Connections in SYN_RECV, ESTABLISHED, SYN_SENT, SYNACK (IPVS: activeconns).</summary>
    public uint ActiveConnections { get; private set; }

    public uint InactiveConnections { get; private set; }

    public uint PersistentConnections { get; private set; }

    /// <summary>Upper threshold reached and not yet fallen below the lower one (IP_VS_DEST_F_OVERLOAD): gets no new connections.</summary>
    public bool Overloaded { get; private set; }

    public Counters Counters;

    /// <summary>Whether schedulers may choose it at all. Weight 0 is theirs to judge: the hashing ones keep its buckets.</summary>
    public bool IsAvailable => !Overloaded;

    public void Edit(RealServer configuration)
    {
        Configuration = configuration;
        // As ip_vs_dest upsert: a changed limit is judged afresh.
        Overloaded = false;
        JudgeLoad();
    }

    /// <summary>A connection was bound (ip_vs_bind_dest). New connections count as inactive until their state says otherwise.</summary>
    public void ConnectionBound(bool active)
    {
        if (active)
            ActiveConnections++;
        else
            InactiveConnections++;
        JudgeLoad();
    }

    /// <summary>A connection ended (ip_vs_unbind_dest).</summary>
    public void ConnectionUnbound(bool active)
    {
        if (active)
            ActiveConnections--;
        else
            InactiveConnections--;
        JudgeLoad();
    }

    /// <summary>A bound connection went from inactive to active or back; thresholds look at the sum, which stays.</summary>
    public void ConnectionChanged(bool active)
    {
        ActiveConnections += active ? 1u : unchecked((uint)-1);
        InactiveConnections += active ? unchecked((uint)-1) : 1u;
    }

    // ip_vs_dest_totalconns against u_threshold / l_threshold; without a lower one, three quarters of the upper.
    private void JudgeLoad()
    {
        uint upper = Configuration.UpperThreshold;
        uint lower = Configuration.LowerThreshold;
        ulong total = (ulong)ActiveConnections + InactiveConnections;
        if (upper == 0)
            Overloaded = false;
        else if (total >= upper)
            Overloaded = true;
        else if (lower != 0 ? total < lower : total * 4 < (ulong)upper * 3)
            Overloaded = false;
    }
}
