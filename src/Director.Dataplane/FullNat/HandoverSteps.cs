using Director.Dataplane.Wire;

namespace Director.Dataplane.FullNat;

/// <summary>What becomes of a client's segment: a segment of our own goes first, or none; then itself, or not.</summary>
public readonly record struct ClientStep
{
    public static readonly ClientStep Pass = new() { Passes = true };

    public static readonly ClientStep Drop;

    /// <summary>It goes on to the server.</summary>
    public bool Passes { get; init; }

    /// <summary>A segment of our own goes first, with the client's ports, acknowledgment, window and options.</summary>
    public bool HasOwn { get; private init; }

    /// <summary>The sequence number of our own.</summary>
    public uint Sequence { get; private init; }

    /// <summary>The flags of our own.</summary>
    public TcpFlags Flags { get; private init; }

    /// <summary>Our own carries the client's address.</summary>
    public bool Introduces { get; private init; }

    /// <summary>Bytes of that which the server has already.</summary>
    public int Skip { get; init; }

    /// <summary>It should have carried the address, but has no room for it.</summary>
    public bool NoRoom { get; init; }

    /// <summary>Our own with the client's address, in the segment's place.</summary>
    public static ClientStep Introduce(uint sequence, TcpFlags flags) => new() { HasOwn = true, Sequence = sequence, Flags = flags, Introduces = true };

    /// <summary>A copy of the segment, without payload, in its place.</summary>
    public static ClientStep Copy(uint sequence, TcpFlags flags) => new() { HasOwn = true, Sequence = sequence, Flags = flags };
}

/// <summary>What becomes of a server's segment: it always goes on to the client.</summary>
public readonly record struct ServerStep
{
    public static readonly ServerStep Pass;

    /// <summary>It acknowledges less than the client has sent by its own count: <see cref="Acknowledgment"/> takes the place of that.</summary>
    public bool Raises { get; init; }

    public uint Acknowledgment { get; init; }

    /// <summary>It answers a SYN: from here on the address is owed.</summary>
    public bool Begins { get; init; }

    /// <summary>The server has the address, or will never ask for it again: from here on segments pass.</summary>
    public bool Delivered { get; init; }
}
