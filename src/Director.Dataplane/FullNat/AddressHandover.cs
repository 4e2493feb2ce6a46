using System.Buffers.Binary;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.FullNat;

/// <summary>Who speaks to whom, by the client's own knowledge.</summary>
public readonly record struct Introduction(IpAddress Client, ushort ClientPort, IpAddress Virtual, ushort VirtualPort);

/// <summary>
/// A way to tell the real server who the client is, whose address FULLNAT takes out of the packets: a variant is a leaf file and a
/// line in <see cref="For"/>. While the address is owed, each segment of the connection comes through here; none before the
/// handshake but SYNs, none after but SYNs and SYN-ACKs. Nothing of a client's or server's segment is moved or resized: segments of
/// our own go in between.
/// </summary>
public abstract class AddressHandover
{
    /// <summary>Of a segment of our own, headers of TCP and PROXY protocol with it.</summary>
    public const int LongestSegment = LongestTcpHeader + ProxyHeader.Ipv6Length;

    protected const int LongestTcpHeader = 60;

    private static readonly ProxyHandover Proxy = new();
    private static readonly ToaHandover Toa = new();

    /// <summary>Null: the server is not told.</summary>
    public static AddressHandover? For(ClientAddress how) => how switch
    {
        ClientAddress.ProxyProtocol => Proxy,
        ClientAddress.Toa => Toa,
        _ => null,
    };

    /// <summary>A client's segment: any while the address is owed, else a SYN.</summary>
    public abstract ClientStep FromClient(ref Handshake handshake, in SegmentFacts segment, IpAddress client);

    /// <summary>A server's segment: any while the address is owed, else a SYN-ACK or an RST.</summary>
    public abstract ServerStep FromServer(ref Handshake handshake, in SegmentFacts segment, IpAddress client);

    /// <summary>
    /// Writes the segment of our own that a step asks for and returns its length, at most <see cref="LongestSegment"/>. Its
    /// checksum is 0: owed.
    /// </summary>
    /// <param name="buffer">Where to.</param>
    /// <param name="step">From <see cref="FromClient"/>.</param>
    /// <param name="like">The client's segment that it goes before.</param>
    /// <param name="who">What it may have to say.</param>
    public abstract int WriteOwn(Span<byte> buffer, in ClientStep step, TcpHeader like, in Introduction who);

    /// <summary>What a client's segment that passes must not say.</summary>
    public virtual void Clean(TcpHeader passing, bool checksumIsPartial)
    {
    }

    /// <summary>Rewrites a server's segment as the step says. Its checksum stays as right, or as wrong, as it was.</summary>
    public static void Raise(TcpHeader tcp, in ServerStep step, bool checksumIsPartial)
    {
        uint before = tcp.AcknowledgmentNumber;
        tcp.AcknowledgmentNumber = step.Acknowledgment;
        if (!checksumIsPartial)
            tcp.Checksum = Checksum.Replace(tcp.Checksum, before, step.Acknowledgment);
        // Blocks tell of holes that the client cannot have made. It would take what it did send for acknowledged, and given up
        // again by the receiver (RFC 2018 section 8).
        TcpOptions.Blank(tcp, TcpOptionKind.SelectiveAcknowledgment, checksumIsPartial);
    }

    // A header like the client's, but for what changes in one of our own.
    protected static Span<byte> WriteHeader(Span<byte> buffer, in ClientStep step, TcpHeader like, int optionLength)
    {
        int length = like.DataOffset + optionLength;
        like.Header[..TcpHeader.MinimumLength].CopyTo(buffer);
        like.Options.CopyTo(buffer[(TcpHeader.MinimumLength + optionLength)..]);
        BinaryPrimitives.WriteUInt32BigEndian(buffer[4..], step.Sequence);
        buffer[12] = (byte)((length / 4 << 4) | (buffer[12] & 0x0F));
        buffer[13] = (byte)step.Flags;
        // Checksum and urgent pointer.
        buffer[16..20].Clear();
        return buffer[..length];
    }
}
