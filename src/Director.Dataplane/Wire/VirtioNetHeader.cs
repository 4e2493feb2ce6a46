using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// The offload header in front of each frame of a packet socket with PACKET_VNET_HDR (virtio 1.2 section 5.1.6, without
/// num_buffers). Packet sockets use the host's byte order, which is little-endian on every machine supported here.
/// <code>
///   0       1       2               4               6               8              10
///   +-------+-------+---------------+---------------+---------------+---------------+
///   | flags |gso typ| header length |    gso size   | checksum start|checksum offset|
///   +-------+-------+---------------+---------------+---------------+---------------+
/// </code>
/// </summary>
public readonly ref struct VirtioNetHeader
{
    public const int Length = 10;

    private readonly Span<byte> _header;

    /// <param name="header">At least 10 bytes.</param>
    public VirtioNetHeader(Span<byte> header) => _header = header[..Length];

    public VirtioNetFlags Flags
    {
        get => (VirtioNetFlags)_header[0];
        set => _header[0] = (byte)value;
    }

    /// <summary>With the <see cref="VirtioNetGso.Ecn"/> bit.</summary>
    public VirtioNetGso GsoType
    {
        get => (VirtioNetGso)_header[1];
        set => _header[1] = (byte)value;
    }

    /// <summary>A hint: how much to copy into the linear part, at least Ethernet, IP and transport header.</summary>
    public ushort HeaderLength
    {
        get => BinaryPrimitives.ReadUInt16LittleEndian(_header[2..]);
        set => BinaryPrimitives.WriteUInt16LittleEndian(_header[2..], value);
    }

    /// <summary>Payload bytes in each segment the frame is to be cut into.</summary>
    public ushort GsoSize
    {
        get => BinaryPrimitives.ReadUInt16LittleEndian(_header[4..]);
        set => BinaryPrimitives.WriteUInt16LittleEndian(_header[4..], value);
    }

    /// <summary>Where the device starts summing, from the start of the frame: the transport header.</summary>
    public ushort ChecksumStart
    {
        get => BinaryPrimitives.ReadUInt16LittleEndian(_header[6..]);
        set => BinaryPrimitives.WriteUInt16LittleEndian(_header[6..], value);
    }

    /// <summary>Where the result goes, from <see cref="ChecksumStart"/>.</summary>
    public ushort ChecksumOffset
    {
        get => BinaryPrimitives.ReadUInt16LittleEndian(_header[8..]);
        set => BinaryPrimitives.WriteUInt16LittleEndian(_header[8..], value);
    }

    /// <summary>The checksum field holds the pseudo-header's sum only; the device completes it.</summary>
    public bool NeedsChecksum => (Flags & VirtioNetFlags.NeedsChecksum) != 0;

    /// <summary>A super-frame, to be cut into segments of <see cref="GsoSize"/>.</summary>
    public bool IsGso => (GsoType & ~VirtioNetGso.Ecn) != VirtioNetGso.None;

    /// <summary>Whether super-frames of this kind are of that protocol, over that version of IP.</summary>
    public bool Segments(byte protocol, bool ipv4) => (GsoType & ~VirtioNetGso.Ecn) switch
    {
        VirtioNetGso.TcpV4 => protocol == IpProtocol.Tcp && ipv4,
        VirtioNetGso.TcpV6 => protocol == IpProtocol.Tcp && !ipv4,
        VirtioNetGso.Udp or VirtioNetGso.UdpL4 => protocol == IpProtocol.Udp,
        _ => false,
    };

    /// <summary>No offload: the frame is complete as it stands.</summary>
    public void Clear() => _header.Clear();

    /// <summary>Whether it can be true of a frame of that length; the kernel refuses to send others.</summary>
    public bool IsConsistent(int frameLength)
    {
        if (NeedsChecksum && ChecksumStart + ChecksumOffset + sizeof(ushort) > frameLength)
            return false;
        return (GsoType & ~VirtioNetGso.Ecn) switch
        {
            VirtioNetGso.None => true,
            VirtioNetGso.TcpV4 or VirtioNetGso.TcpV6 or VirtioNetGso.Udp or VirtioNetGso.UdpL4 => GsoSize != 0,
            _ => false,
        };
    }
}

/// <summary>Flags of a <see cref="VirtioNetHeader"/>.</summary>
[Flags]
public enum VirtioNetFlags : byte
{
    None = 0,
    NeedsChecksum = 1,
    DataValid = 2,
}

/// <summary>How a super-frame is to be cut.</summary>
[Flags]
public enum VirtioNetGso : byte
{
    None = 0,
    TcpV4 = 1,
    Udp = 3,
    TcpV6 = 4,
    UdpL4 = 5,
    Ecn = 0x80,
}
