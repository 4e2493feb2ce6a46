using System.Collections.Immutable;
using System.Runtime.Serialization;
using Director.Actors.Cluster.Wire;
using Director.Actors.Journal;
using Director.Actors.Services;

namespace Director.Actors.Replication;

/// <summary>One director to another: what its table is like. Answered with the same, if it is asked for.</summary>
public sealed record ReplicaHello : IWireMessage
{
    /// <summary>The sender has just met the other, and knows of nothing that was sent before.</summary>
    public bool IsFirst { get; init; }

    public bool WantsAnswer { get; init; }

    /// <summary><see cref="ReplicaState.Cluster"/>; null: none yet.</summary>
    public ClusterIdentified? Cluster { get; init; }

    /// <summary><see cref="Objects.ContentHash"/>; null between directors of one cluster.</summary>
    public string? Content { get; init; }

    /// <summary>Of what the sender's configuration declares; null: not known yet.</summary>
    public string? Declares { get; init; }

    /// <summary><see cref="ObjectDigest"/>, <see cref="ObjectDigest.Length"/> numbers.</summary>
    public required ImmutableArray<ulong> Digest { get; init; }
}

/// <summary>One director to another: states of objects, to be merged. Answered with <see cref="ReplicaStored"/>.</summary>
/// <param name="Transfer">Names this message at its sender.</param>
/// <param name="States">Each as the journal's serializer has it.</param>
public sealed record ReplicaObjects(ulong Transfer, ImmutableArray<EncodedState> States) : IWireMessage;

/// <summary>An object's state, as the journal writes it.</summary>
public sealed class EncodedState(string manifest, byte[] bytes)
{
    private DirectorEvent? _decoded;

    public string Manifest => manifest;

    public byte[] Bytes => bytes;

    public static EncodedState Of(DirectorEvent state) => new(JournalSerializer.ManifestOf(state), JournalSerializer.Encode(state));

    /// <exception cref="SerializationException">An unknown manifest, or one of something else.</exception>
    /// <exception cref="System.Text.Json.JsonException">The bytes are none of this manifest.</exception>
    public DirectorEvent Decode() => _decoded ??= JournalSerializer.Decode(Bytes, Manifest) as DirectorEvent
        ?? throw new SerializationException($"'{Manifest}' is no object's state");
}

/// <summary>These objects are on the sender's disk.</summary>
public sealed record ReplicaStored(ulong Transfer) : IWireMessage;

/// <summary>
/// A standby to the owner: somebody asked me for this; answered with <see cref="ForwardedAnswer"/>. A batch that is large comes in
/// several messages, in their order.
/// </summary>
/// <param name="Id">Names the question at its sender.</param>
/// <param name="Part">From 0.</param>
/// <param name="Bytes">Of the batch as the management API has it.</param>
public sealed record ForwardedCommands(ulong Id, uint Part, bool IsLast, byte[] Bytes) : IWireMessage;

/// <summary>The owner's answer, in as many messages as it takes.</summary>
/// <param name="IsOwner">False: the commands were not looked at, somebody else is the owner.</param>
/// <param name="Bytes">Of the result as the management API has it.</param>
public sealed record ForwardedAnswer(ulong Id, uint Part, bool IsLast, bool IsOwner, byte[] Bytes) : IWireMessage;
