using System.Diagnostics.CodeAnalysis;

namespace Director.Model;

/// <summary>
/// What Linux 6.1's IPVS lets an operator set under <c>/proc/sys/net/ipv4/vs</c>, as far as it has a meaning here: its names, its
/// defaults. <see cref="SettingDefinition"/> describes each, and names those without a meaning.
/// </summary>
public sealed record Settings
{
    public static readonly Settings Default = new();

    /// <summary><c>am_droprate</c>: with <see cref="DropPacket"/> 3, one of so many packets is dropped; 0 drops none.</summary>
    public int AmDroprate { get; init; } = 10;

    /// <summary>
    /// <c>amemthresh</c>: free room for connections below which a defence set to 1 begins, in 16384ths of the connection memory
    /// (1024 is a sixteenth; IPVS counts pages of the host, which say nothing about a memory that is set aside).
    /// </summary>
    public int Amemthresh { get; init; } = 1024;

    /// <summary><c>cache_bypass</c>: a packet that a mark gave to a service without a real server goes on to where it was sent.</summary>
    public bool CacheBypass { get; init; }

    /// <summary>
    /// <c>conn_reuse_mode</c>, a SYN on the ports of a connection that is over: 0 goes to its old real server, bit 0 is scheduled anew,
    /// bit 1 is scheduled anew from FIN_WAIT on as well.
    /// </summary>
    public int ConnReuseMode { get; init; } = 1;

    /// <summary><c>drop_entry</c>: drop half-open connections at random. 0 never, 1 and 2 when memory is short, 3 always.</summary>
    public int DropEntry { get; init; }

    /// <summary><c>drop_packet</c>: drop a share of the packets before scheduling. 0 never, 1 and 2 when memory is short, 3 always.</summary>
    public int DropPacket { get; init; }

    /// <summary><c>expire_nodest_conn</c>: connections end with their real server, instead of being dropped in silence until they time out.</summary>
    public bool ExpireNodestConn { get; init; }

    /// <summary><c>expire_quiescent_template</c>: persistence does not hold to a real server of weight 0.</summary>
    public bool ExpireQuiescentTemplate { get; init; }

    /// <summary><c>lblc_expiration</c>: seconds after which scheduler lblc forgets a destination that nobody asked for.</summary>
    public int LblcExpiration { get; init; } = 24 * 60 * 60;

    /// <summary><c>lblcr_expiration</c>: seconds after which scheduler lblcr forgets a destination that nobody asked for.</summary>
    public int LblcrExpiration { get; init; } = 24 * 60 * 60;

    /// <summary><c>nat_icmp_send</c>: a masqueraded real server's packet without a connection is answered with ICMP port unreachable.</summary>
    public bool NatIcmpSend { get; init; }

    /// <summary><c>pmtu_disc</c>: packets with DF that are too big for the way to the real server are answered with ICMP fragmentation needed.</summary>
    public bool PmtuDisc { get; init; } = true;

    /// <summary><c>run_estimation</c>: rates are estimated (<c>ipvsadm --rate</c>).</summary>
    public bool RunEstimation { get; init; } = true;

    /// <summary><c>schedule_icmp</c>: an ICMP error without a connection is scheduled by the packet that it quotes.</summary>
    public bool ScheduleIcmp { get; init; }

    /// <summary><c>secure_tcp</c>: shorter timeouts and a stricter state table for TCP. 0 never, 1 and 2 when memory is short, 3 always.</summary>
    public int SecureTcp { get; init; }

    /// <summary><c>sloppy_tcp</c>: any TCP packet without RST may begin a connection, not only a SYN.</summary>
    public bool SloppyTcp { get; init; }

    /// <summary><c>sloppy_sctp</c>: any SCTP packet but an ABORT may begin an association, not only an INIT.</summary>
    public bool SloppySctp { get; init; }

    /// <summary>Every setting by its name.</summary>
    public SortedDictionary<string, int> ToValues()
    {
        SortedDictionary<string, int> values = new(StringComparer.Ordinal);
        foreach (SettingDefinition definition in SettingDefinition.All)
            values.Add(definition.Name, definition.Read(this));
        return values;
    }

    /// <summary>Those that are not at their default, by name.</summary>
    public SortedDictionary<string, int> ToChanges()
    {
        SortedDictionary<string, int> changes = ToValues();
        foreach (SettingDefinition definition in SettingDefinition.All.Where(definition => changes[definition.Name] == definition.Default))
            changes.Remove(definition.Name);
        return changes;
    }

    /// <summary>All of these values, or none and what is wrong with the first that is.</summary>
    public bool TryChange(IEnumerable<KeyValuePair<string, int>> values, out Settings changed, [NotNullWhen(false)] out string? error)
    {
        (changed, error) = (this, null);
        Settings next = this;
        foreach ((string name, int value) in values)
        {
            if (!SettingDefinition.TryFind(name, out SettingDefinition? definition, out error) || !definition.Takes(value, out error))
                return false;
            next = definition.Write(next, value);
        }
        changed = next;
        return true;
    }
}
