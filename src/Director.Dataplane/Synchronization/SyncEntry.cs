using Director.Dataplane.Connections;
using Director.Dataplane.FullNat;
using Director.Model;

namespace Director.Dataplane.Synchronization;

/// <summary>What an entry says. Numbers travel: append only.</summary>
public enum SyncEntryKind : byte
{
    /// <summary>A connection is there, and this is how it is.</summary>
    Connection = 1,

    /// <summary>A persistence template is there.</summary>
    Template = 2,

    /// <summary>A connection is gone.</summary>
    ConnectionRemoved = 3,

    /// <summary>A persistence template is gone, or nobody is to find it any more.</summary>
    TemplateRemoved = 4,
}

/// <summary>
/// A connection or template as one director tells it to another: by its addresses, so that neither record numbers nor slots of
/// either side matter. It says all there is to say, so that a second time changes nothing and a later one replaces the earlier.
/// </summary>
public readonly ref struct SyncEntry
{
    /// <summary>Flags of a connection that travel; the others follow from the rest, or are the receiver's own.</summary>
    public const ConnectionFlags Flags = ConnectionFlags.NoOutput | ConnectionFlags.Controlled | ConnectionFlags.AddressOwed
        | ConnectionFlags.MethodMask | ConnectionFlags.ProxyProtocol | ConnectionFlags.Toa;

    /// <summary>A told client's server: <see cref="Handshake"/> means something.</summary>
    public const ConnectionFlags Told = ConnectionFlags.ProxyProtocol | ConnectionFlags.Toa;

    public required SyncEntryKind Kind { get; init; }

    /// <summary>Of the client's packets; of a template the key of its clients.</summary>
    public required FlowKey Flow { get; init; }

    /// <summary>Of a template: what a persistence engine tells its clients apart by; else empty.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    public ConnectionState State { get; init; }

    /// <summary>Among <see cref="Flags"/>.</summary>
    public ConnectionFlags FlagBits { get; init; }

    /// <summary>Ticks of the connection clock until it ends if no packet comes.</summary>
    public uint Remaining { get; init; }

    /// <summary>Seconds that go before the state's timeout; 0: none. Of a template always there.</summary>
    public uint OwnTimeout { get; init; }

    /// <summary>Which real server of which service.</summary>
    public ServerIdentity Server { get; init; }

    /// <summary>Where this connection goes to; the server's own port may be another, or 0.</summary>
    public ushort ServerPort { get; init; }

    /// <summary>FULLNAT; else port 0.</summary>
    public LocalEndpoint Local { get; init; }

    /// <summary>With a flag of <see cref="Told"/>.</summary>
    public Handshake Handshake { get; init; }

    /// <summary>The template that made the connection; <see cref="HasTemplate"/> says whether there is one.</summary>
    public FlowKey Template { get; init; }

    public ReadOnlySpan<byte> TemplateData { get; init; }

    /// <summary>Without it a controlled connection's template is one that nobody finds any more.</summary>
    public bool HasTemplate { get; init; }

    public bool IsTemplate => Kind is SyncEntryKind.Template or SyncEntryKind.TemplateRemoved;

    public bool IsRemoval => Kind is SyncEntryKind.ConnectionRemoved or SyncEntryKind.TemplateRemoved;

    public ForwardingMethod Method => (ForwardingMethod)((ushort)(FlagBits & ConnectionFlags.MethodMask) >> ConnectionRecord.MethodShift);
}
