using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>To the <see cref="ServicesActor"/>: one transaction. Answered with a <see cref="CommandBatchResult"/>, always.</summary>
public sealed record Execute(CommandBatch Batch);

/// <summary>
/// To the <see cref="ServicesActor"/>: bring the services and settings that the configuration declares to what it says, as far as
/// that is not what was applied last. Answered with a <see cref="CommandBatchResult"/>.
/// </summary>
public sealed record Declare(string Digest, ImmutableArray<VirtualService> Services)
{
    public Settings Settings { get; init; } = Settings.Default;

    /// <summary>Of all of it: whether two declarations say the same.</summary>
    public string Fingerprint => FingerprintOf(Services.IsEmpty ? null : Digest, Settings);

    /// <summary>Of what a table was brought to last.</summary>
    public static string AppliedTo(ServiceTable table) =>
        FingerprintOf(table.Declaration is { Services.Length: > 0 } applied ? applied.Digest : null, table.Settings.Declared);

    private static string FingerprintOf(string? digest, Settings settings) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Join(' ', settings.ToChanges().Select(each => string.Create(CultureInfo.InvariantCulture, $"{each.Key}={each.Value}")).Prepend(digest ?? "-")))));
}

/// <summary>To the <see cref="ServicesActor"/>: what the engine saw of services and servers; each actor keeps its own.</summary>
public sealed record Observed(TableStatistics Statistics);

/// <summary>To the <see cref="ServicesActor"/>: completes with <see cref="JournalRead"/> once the journal was read, or failed to.</summary>
public sealed record AwaitJournal;

public sealed record JournalRead(int Services, Exception? Failure);

/// <summary>A command and its place in the round.</summary>
internal readonly record struct Numbered(int Place, DirectorCommand Command);

/// <summary>The coordinator to a service: decide these, on top of each other, but do not apply them yet.</summary>
internal sealed record Decide(long Round, ImmutableArray<Numbered> Commands);

/// <summary>The service's answer, a decision a command.</summary>
internal sealed record Decided(long Round, ServiceKey Service, ImmutableArray<(int Place, Decision Decision)> Decisions);

/// <summary>The coordinator to a service: what was decided is in the journal.</summary>
internal sealed record Commit(long Round);

/// <summary>The coordinator to a service: this is what you are, by another director's edit.</summary>
internal sealed record Adopt(ServiceState State);

/// <summary>The coordinator to a service: what was decided never happened.</summary>
internal sealed record Abandon(long Round);
