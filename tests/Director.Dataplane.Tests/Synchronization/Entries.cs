using System.Text;
using Director.Dataplane.Connections;
using Director.Dataplane.FullNat;
using Director.Dataplane.Synchronization;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Synchronization;

/// <summary>An entry that can be kept, compared and written: what <see cref="SyncEntry"/> is while it is read.</summary>
internal sealed record Entry(
    SyncEntryKind Kind, FlowKey Flow, string Data, ConnectionState State, ConnectionFlags Flags, uint Remaining, uint OwnTimeout,
    ServerIdentity Server, ushort ServerPort, LocalEndpoint Local, (uint, uint, ushort, ushort) Handshake, FlowKey? Template, string TemplateData)
{
    public static readonly Entry Masqueraded = new(
        SyncEntryKind.Connection, new FlowKey(6, 0x0A010002, 40000, 0x0A010064, 80), "", ConnectionState.Established, ConnectionFlags.None, 53_645, 0,
        new ServerIdentity(6, AddressWords.OfIpv4(0x0A010064), 80, 0, AddressWords.OfIpv4(0x0A02000B), 8080), 8080, default, default, null, "");

    public static readonly Entry Introduced = Masqueraded with
    {
        Flags = Method(ForwardingMethod.FullNat) | ConnectionFlags.ProxyProtocol | ConnectionFlags.AddressOwed,
        Local = new LocalEndpoint(IpAddress.FromIpv4(0x0A0200C8), 1024),
        Handshake = (1001, 1101, 28, 1),
    };

    public static readonly Entry ByTemplate = Masqueraded with
    {
        Flags = ConnectionFlags.Controlled,
        Template = new FlowKey(6, 0x0A010000, 0, 0x0A010064, 80),
    };

    public static readonly Entry Made = Masqueraded with
    {
        Kind = SyncEntryKind.Template,
        Flow = new FlowKey(0, 0x0A010000, 0, 7, 0),
        State = ConnectionState.Assured,
        OwnTimeout = 360,
        Server = new ServerIdentity(0, new AddressWords(4, 0, 0), 0, 7, AddressWords.OfIpv4(0x0A02000B), 0),
        ServerPort = 0,
    };

    public static readonly Entry Ipv6 = Masqueraded with
    {
        Flow = new FlowKey(17, Six(1), 40000, Six(2), 53),
        State = ConnectionState.Udp,
        Flags = Method(ForwardingMethod.DirectRoute) | ConnectionFlags.NoOutput | ConnectionFlags.Controlled,
        Server = new ServerIdentity(17, Words(2), 53, 0, Words(3), 53),
        Template = new FlowKey(17, Six(1), 0, Six(2), 53),
        TemplateData = "call@host",
    };

    public static readonly Entry Gone = Removal(SyncEntryKind.ConnectionRemoved, Masqueraded.Flow, "");

    public static readonly Entry GoneTemplate = Removal(SyncEntryKind.TemplateRemoved, Made.Flow, "call@host");

    public static IEnumerable<(string Name, Entry Entry)> All =>
    [
        ("masqueraded", Masqueraded), ("introduced", Introduced), ("by-template", ByTemplate), ("template", Made),
        ("template-sip", Made with { Data = "call@host", State = ConnectionState.None }), ("ipv6", Ipv6), ("gone", Gone), ("gone-template", GoneTemplate),
    ];

    public static ConnectionFlags Method(ForwardingMethod method) => (ConnectionFlags)((int)method << ConnectionRecord.MethodShift);

    public byte[] Write()
    {
        byte[] bytes = new byte[SyncEntryFormat.MostBytes];
        bytes.AsSpan().Fill(0xA5);
        int length = EntryWriter.Write(bytes, new SyncEntry
        {
            Kind = Kind,
            Flow = Flow,
            Data = Encoding.ASCII.GetBytes(Data),
            State = State,
            FlagBits = Flags,
            Remaining = Remaining,
            OwnTimeout = OwnTimeout,
            Server = Server,
            ServerPort = ServerPort,
            Local = Local,
            Handshake = new Handshake { First = Handshake.Item1, SentUpTo = Handshake.Item2, Missing = Handshake.Item3, Known = Handshake.Item4 },
            HasTemplate = Template is not null,
            Template = Template ?? default,
            TemplateData = Encoding.ASCII.GetBytes(TemplateData),
        });
        return bytes[..length];
    }

    /// <summary>Null: refused.</summary>
    public static Entry? Read(ReadOnlySpan<byte> bytes) => SyncEntryFormat.TryRead(bytes, out SyncEntry read, out int length) && length == bytes.Length
        ? new Entry(
            read.Kind, read.Flow, Encoding.ASCII.GetString(read.Data), read.State, read.FlagBits, read.Remaining, read.OwnTimeout, read.Server,
            read.ServerPort, read.Local, (read.Handshake.First, read.Handshake.SentUpTo, read.Handshake.Missing, read.Handshake.Known),
            read.HasTemplate ? read.Template : null, Encoding.ASCII.GetString(read.TemplateData))
        : null;

    private static Entry Removal(SyncEntryKind kind, FlowKey flow, string data) =>
        new(kind, flow, data, ConnectionState.None, ConnectionFlags.None, 0, 0, default, 0, default, default, null, "");

    private static IpAddress Six(ulong host) => new(0xFD00_0000_0000_0000, host);

    private static AddressWords Words(byte host) => AddressWords.Of(Six(host).ToIPAddress());
}
