using System.Collections.Immutable;
using Akka.Cluster;
using Director.Actors.Cluster.Wire;
using Director.Dataplane.Control.Messages;

namespace Director.Actors.Cluster;

/// <summary>
/// What directors tell each other who may not be in one cluster yet: who one is, in which cluster, and what must be the same at
/// both. Goes to <c>/user/contacts</c> of every contact, for ever.
/// </summary>
public sealed record ContactHello : IWireMessage
{
    /// <summary><c>director.name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where the director is reached: <c>akka.tcp://director@10.3.0.1:4053</c>.</summary>
    public required string Address { get; init; }

    /// <summary>Drawn anew with each start of the director's cluster node.</summary>
    public required ulong Incarnation { get; init; }

    /// <summary>For how long the director's process has run, in milliseconds: of two with one name the later one gives way.</summary>
    public required ulong Uptime { get; init; }

    /// <summary>The versions of messages between directors that it speaks.</summary>
    public required ProtocolRange Protocols { get; init; }

    /// <summary>The program's version, for people.</summary>
    public required string Version { get; init; }

    /// <summary>The members of its cluster as it sees them, itself included; none: it is in no cluster yet.</summary>
    public ImmutableArray<ClusterMember> Members { get; init; } = [];

    /// <summary>SHA-256 of the declared configuration; empty: nothing is declared.</summary>
    public string ConfigurationDigest { get; init; } = "";

    /// <summary>Tells whether two directors have the same election key; says nothing about the key itself.</summary>
    public string KeyFingerprint { get; init; } = "";

    /// <summary>The engine's, in their order, which the virtual MACs depend on.</summary>
    public ImmutableArray<string> Interfaces { get; init; } = [];

    /// <summary>Incarnations of the directors that it hears now: who is not among them speaks to deaf ears.</summary>
    public ImmutableArray<ulong> Hears { get; init; } = [];

    public bool Equals(ContactHello? other) => other is not null
        && (Name, Address, Incarnation, Protocols, Uptime, Version, ConfigurationDigest, KeyFingerprint)
            == (other.Name, other.Address, other.Incarnation, other.Protocols, other.Uptime, other.Version, other.ConfigurationDigest, other.KeyFingerprint)
        && Hears.SequenceEqual(other.Hears) && Members.SequenceEqual(other.Members) && Interfaces.SequenceEqual(other.Interfaces);

    public override int GetHashCode() => HashCode.Combine(Name, Address, Incarnation);
}

internal sealed class ContactHelloFormat() : WireFormat<ContactHello>("contact-1")
{
    private const int SmallestMember = 2 + 4 + 1 + 1;
    private const int SmallestText = 2;

    protected override void Write(FrameWriter writer, ContactHello message)
    {
        writer.Text(message.Name);
        writer.Text(message.Address);
        writer.UInt64(message.Incarnation);
        writer.UInt64(message.Uptime);
        writer.UInt16(message.Protocols.Minimum);
        writer.UInt16(message.Protocols.Maximum);
        writer.Text(message.Version);
        writer.Text(message.ConfigurationDigest);
        writer.Text(message.KeyFingerprint);
        writer.Count(message.Interfaces.Length);
        foreach (string name in message.Interfaces)
            writer.Text(name);
        writer.Count(message.Members.Length);
        foreach (ClusterMember member in message.Members)
        {
            writer.Text(member.Address);
            writer.UInt32((uint)member.Uid);
            writer.Byte((byte)member.Status);
            writer.Bool(member.Reachable);
        }
        writer.Count(message.Hears.Length);
        foreach (ulong incarnation in message.Hears)
            writer.UInt64(incarnation);
    }

    // What a later version appends is ignored: two directors can always tell each other why they cannot work together.
    protected override ContactHello? Decode(byte[] bytes, out string? fault)
    {
        FrameReader reader = new(bytes, version: 0);
        ContactHello hello = Read(ref reader);
        fault = reader.Fault;
        return hello;
    }

    protected override ContactHello Read(ref FrameReader reader)
    {
        ContactHello hello = new()
        {
            Name = reader.Text(),
            Address = reader.Text(),
            Incarnation = reader.UInt64(),
            Uptime = reader.UInt64(),
            Protocols = new ProtocolRange(reader.UInt16(), reader.UInt16()),
            Version = reader.Text(),
            ConfigurationDigest = reader.Text(),
            KeyFingerprint = reader.Text(),
            Interfaces = [.. reader.Array(SmallestText, static (ref FrameReader each) => each.Text())],
            Members = [.. reader.Array(SmallestMember, static (ref FrameReader each) => ReadMember(ref each))],
            Hears = [.. reader.Array(sizeof(ulong), static (ref FrameReader each) => each.UInt64())],
        };
        if (hello.Protocols.Minimum == 0 || hello.Protocols.Minimum > hello.Protocols.Maximum)
            reader.Break($"protocol range {hello.Protocols} makes no sense");
        return hello;
    }

    private static ClusterMember ReadMember(ref FrameReader reader)
    {
        ClusterMember member = new(reader.Text(), (int)reader.UInt32(), (MemberStatus)reader.Byte(), reader.Bool());
        if (!Enum.IsDefined(member.Status))
            reader.Break($"{(int)member.Status} is no status of a member");
        return member;
    }
}
