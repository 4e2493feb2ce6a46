using System.Buffers.Binary;
using Director.Dataplane.Connections;
using Director.Dataplane.FullNat;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Synchronization;

/// <summary>Which parts an entry has.</summary>
[Flags]
public enum SyncEntryParts : byte
{
    None = 0,

    /// <summary>Client and virtual address are IPv6.</summary>
    Ipv6 = 0x01,

    /// <summary>The service is a firewall mark.</summary>
    Mark = 0x02,
    ServiceIpv6 = 0x04,
    ServerIpv6 = 0x08,

    /// <summary>FULLNAT: a local address, of the server's family.</summary>
    Local = 0x10,
    Handshake = 0x20,

    /// <summary>Of a template its persistence data, of a connection its template.</summary>
    Persistence = 0x40,
}

/// <summary>
/// Entries on the wire: little-endian numbers, addresses in network order, 43 bytes for an IPv4 connection. What contradicts itself is
/// refused: an entry that was read describes a connection that could be in a table.
/// <code>
///  0       2     3      4     5      6       8         10        12 (24 with IPv6)
/// +-------+-----+------+-----+------+-------+---------+---------+--------+---------+
/// |length |kind |parts |proto|state |flags  |client   |virtual  |client  |virtual  |
/// |       |     |      |     |      |       |port     |port     |address |address  |
/// +-------+-----+------+-----+------+-------+---------+---------+--------+---------+
/// </code>
/// docs/connection-sync.md has the rest.
/// </summary>
public static class SyncEntryFormat
{
    /// <summary>No entry is longer: IPv6 everywhere, full NAT, a handshake, and a template with the longest persistence data.</summary>
    public const int MostBytes = 512;

    /// <summary>A removal of IPv4 without persistence data.</summary>
    public const int FewestBytes = 20;

    // States and kinds of the sender's version; a later one comes with a later version of the batch.
    private const SyncEntryParts Known = (SyncEntryParts)0x7F;

    /// <summary>Reads the entry at the start; false: what is there is none.</summary>
    /// <param name="bytes">From the entry on.</param>
    /// <param name="entry">Its spans lie in <paramref name="bytes"/>.</param>
    /// <param name="length">Where the next one begins; 0: there is no telling.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SyncEntry entry, out int length)
    {
        entry = default;
        length = 0;
        if (bytes.Length < FewestBytes)
            return false;
        length = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        if (length < FewestBytes || length > Math.Min(bytes.Length, MostBytes))
        {
            length = 0;
            return false;
        }
        EntryReader reader = new(bytes[sizeof(ushort)..length]);
        entry = Read(ref reader);
        return reader.IsFinished && IsSound(entry);
    }

    private static SyncEntry Read(scoped ref EntryReader reader)
    {
        SyncEntryKind kind = (SyncEntryKind)reader.Byte();
        SyncEntryParts parts = (SyncEntryParts)reader.Byte();
        bool removal = kind is SyncEntryKind.ConnectionRemoved or SyncEntryKind.TemplateRemoved;
        bool template = kind is SyncEntryKind.Template or SyncEntryKind.TemplateRemoved;
        if (kind is < SyncEntryKind.Connection or > SyncEntryKind.TemplateRemoved || (parts & ~Known) != 0
            || (removal && (parts & ~(SyncEntryParts.Ipv6 | (template ? SyncEntryParts.Persistence : 0))) != 0))
        {
            reader.Break();
        }
        byte protocol = reader.Byte();
        ConnectionState state = (ConnectionState)reader.Byte();
        ConnectionFlags flags = (ConnectionFlags)reader.UInt16();
        ushort clientPort = reader.UInt16();
        ushort virtualPort = reader.UInt16();
        bool ipv6 = (parts & SyncEntryParts.Ipv6) != 0;
        FlowKey flow = new(protocol, reader.Address(ipv6), clientPort, reader.Address(ipv6), virtualPort);
        if (removal)
        {
            return new SyncEntry
            {
                Kind = kind,
                Flow = flow,
                State = state,
                FlagBits = flags,
                Data = (parts & SyncEntryParts.Persistence) != 0 ? reader.Data(1) : default,
            };
        }
        uint remaining = reader.UInt32();
        uint ownTimeout = reader.UInt32();
        ushort serverPort = reader.UInt16();
        ServerIdentity server = ReadServer(ref reader, parts);
        LocalEndpoint local = (parts & SyncEntryParts.Local) == 0
            ? default
            : new LocalEndpoint(reader.Address((parts & SyncEntryParts.ServerIpv6) != 0), reader.UInt16());
        if ((parts & SyncEntryParts.Local) != 0 && local.Port == 0)
            reader.Break();
        Handshake handshake = (parts & SyncEntryParts.Handshake) == 0
            ? default
            : new Handshake { First = reader.UInt32(), SentUpTo = reader.UInt32(), Missing = reader.UInt16(), Known = reader.UInt16() };
        if (((parts & SyncEntryParts.Handshake) != 0) != ((flags & SyncEntry.Told) != 0))
            reader.Break();
        FlowKey made = default;
        ReadOnlySpan<byte> madeBy = default;
        bool hasTemplate = !template && (parts & SyncEntryParts.Persistence) != 0;
        if (hasTemplate)
        {
            byte ofProtocol = reader.Byte();
            ushort port = reader.UInt16();
            made = new FlowKey(ofProtocol, reader.Address(ipv6), 0, reader.Address(ipv6), port);
            madeBy = reader.Data(0);
        }
        return new SyncEntry
        {
            Kind = kind,
            Flow = flow,
            State = state,
            FlagBits = flags,
            Remaining = remaining,
            OwnTimeout = ownTimeout,
            Server = server,
            ServerPort = serverPort,
            Local = local,
            Handshake = handshake,
            Template = made,
            TemplateData = madeBy,
            HasTemplate = hasTemplate,
            Data = template && (parts & SyncEntryParts.Persistence) != 0 ? reader.Data(1) : default,
        };
    }

    private static ServerIdentity ReadServer(scoped ref EntryReader reader, SyncEntryParts parts)
    {
        byte family = (parts & SyncEntryParts.ServiceIpv6) != 0 ? (byte)6 : (byte)4;
        uint mark = 0;
        AddressWords address = new(family, 0, 0);
        ushort port = 0;
        if ((parts & SyncEntryParts.Mark) != 0)
        {
            mark = reader.UInt32();
            if (mark == 0)
                reader.Break();
        }
        else
        {
            address = reader.Words(family);
            port = reader.UInt16();
        }
        byte protocol = reader.Byte();
        if (protocol == 0 != (mark != 0))
            reader.Break();
        return new ServerIdentity(protocol, address, port, mark, reader.Words((parts & SyncEntryParts.ServerIpv6) != 0 ? (byte)6 : (byte)4), reader.UInt16());
    }

    private static bool IsSound(scoped in SyncEntry entry)
    {
        if (entry.Flow.Source.IsIpv4 != entry.Flow.Destination.IsIpv4 || !IsProtocol(entry.Flow.Protocol, orNone: entry.IsTemplate)
            || (entry.FlagBits & ~SyncEntry.Flags) != 0 || (int)entry.State >= ConnectionStates.Count)
        {
            return false;
        }
        if (entry.IsRemoval)
            return true;
        return IsMethod(entry.Method) && IsProtocol(entry.Server.Protocol, orNone: true)
            && entry.Remaining <= ConnectionClock.Ticks(ConnectionClock.LongestTimeout) && entry.OwnTimeout <= ConnectionClock.LongestTimeout
            && (entry.IsTemplate ? IsSoundTemplate(entry) : IsSoundConnection(entry));
    }

    private static bool IsSoundTemplate(scoped in SyncEntry entry) => entry.OwnTimeout != 0 && entry.Flow.SourcePort == 0 && entry.Local.Port == 0
        && (entry.FlagBits & ~ConnectionFlags.MethodMask) == 0 && entry.State is ConnectionState.None or ConnectionState.Assured;

    private static bool IsSoundConnection(scoped in SyncEntry entry)
    {
        bool fullNat = entry.Method == ForwardingMethod.FullNat;
        bool told = (entry.FlagBits & SyncEntry.Told) != 0;
        return entry.Local.Port != 0 == fullNat && (!told || (fullNat && (entry.FlagBits & SyncEntry.Told) != SyncEntry.Told))
            && (told || (entry.FlagBits & ConnectionFlags.AddressOwed) == 0)
            && (!entry.HasTemplate || ((entry.FlagBits & ConnectionFlags.Controlled) != 0 && IsProtocol(entry.Template.Protocol, orNone: true)));
    }

    private static bool IsProtocol(byte protocol, bool orNone) =>
        protocol is IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Sctp || (orNone && protocol == 0);

    private static bool IsMethod(ForwardingMethod method) => method is ForwardingMethod.Masquerade or ForwardingMethod.Local
        or ForwardingMethod.Tunnel or ForwardingMethod.DirectRoute or ForwardingMethod.FullNat;
}
