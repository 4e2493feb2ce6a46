using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.FullNat;

/// <summary>
/// What the handing on of addresses promises, proved on whole connections between two small TCPs over paths that lose, double and
/// reorder: the streams are what was sent, with the header before the client's, and neither side is told anything that it must
/// not believe.
/// </summary>
public sealed class HandoverSimulationTests
{
    [Theory]
    [InlineData(ClientAddress.ProxyProtocol, 1, 600)]
    [InlineData(ClientAddress.ProxyProtocol, 100_001, 600)]
    [InlineData(ClientAddress.Toa, 200_001, 400)]
    [InlineData(ClientAddress.ProxyProtocol, 1_003_762, 1)]
    [InlineData(ClientAddress.Toa, 2_008_806, 1)]
    public void Streams_arrive_whole_over_bad_paths(ClientAddress how, int firstSeed, int runs)
    {
        for (int seed = firstSeed; seed < firstSeed + runs; seed++)
        {
            Conversation conversation = new(how, seed);
            conversation.Start();
            Assert.True(conversation.Run(() => conversation.IsOver), $"does not end: {Situation(conversation, seed)}");
            AssertStreams(conversation, seed);
        }
    }

    /// <summary>The same through the whole pipeline: addresses translated, checksums of real packets, records and ports.</summary>
    [Theory]
    [InlineData(ClientAddress.ProxyProtocol, 1, 150)]
    [InlineData(ClientAddress.Toa, 200_001, 150)]
    public void Streams_arrive_whole_through_the_pipeline(ClientAddress how, int firstSeed, int runs)
    {
        for (int seed = firstSeed; seed < firstSeed + runs; seed++)
        {
            Conversation conversation = new(how, seed, throughPipeline: true);
            conversation.Start();
            Assert.True(conversation.Run(() => conversation.IsOver), $"does not end: {Situation(conversation, seed)}");
            AssertStreams(conversation, seed);
        }
    }

    [Theory]
    [Trait("Category", "Long")]
    [InlineData(ClientAddress.ProxyProtocol, 1_000_001)]
    [InlineData(ClientAddress.Toa, 2_000_001)]
    public void Streams_arrive_whole_ten_thousand_times(ClientAddress how, int firstSeed) => Streams_arrive_whole_over_bad_paths(how, firstSeed, 10_000);

    [Theory]
    [InlineData(ClientAddress.ProxyProtocol)]
    [InlineData(ClientAddress.Toa)]
    public void A_reset_reaches_the_server_whenever_the_client_gives_up(ClientAddress how)
    {
        for (int seed = 1; seed <= 600; seed++)
        {
            Conversation conversation = new(how, seed);
            int giveUpAt = new Random(seed).Next(300);
            conversation.Start();
            conversation.Run(() => conversation.Steps == giveUpAt || conversation.IsOver);
            if (conversation.Client.State != EndpointState.Established)
                continue;
            conversation.Client.Abort();
            // The server learns of it as soon as it says something, if not by the reset itself.
            bool ended = conversation.Run(() => conversation.Server.State is EndpointState.Closed or EndpointState.Listen || conversation.Server.IsQuiet);
            Assert.True(ended, Situation(conversation, seed));
        }
    }

    [Theory]
    [InlineData(ClientAddress.ProxyProtocol)]
    [InlineData(ClientAddress.Toa)]
    public void Over_good_paths_the_server_always_learns_who_the_client_is(ClientAddress how)
    {
        for (int seed = 1; seed <= 200; seed++)
        {
            Conversation conversation = new(how, seed, perfect: true);
            conversation.Start();
            Assert.True(conversation.Run(() => conversation.IsOver), Situation(conversation, seed));
            AssertStreams(conversation, seed);
            Assert.True(how == ClientAddress.ProxyProtocol || conversation.Server.Introduction.Length > 0, Situation(conversation, seed));
            Assert.False(conversation.Relay.Owed);
        }
    }

    private static void AssertStreams(Conversation conversation, int seed)
    {
        string situation = Situation(conversation, seed);
        Assert.True(conversation.Server.Received.SequenceEqual([.. conversation.Header, .. conversation.ClientSettings.Sends]), $"to the server: {situation}");
        Assert.True(conversation.Client.Received.SequenceEqual(conversation.ServerSettings.Sends), $"to the client: {situation}");
        Assert.True(conversation.Client.Complaints.Count == 0, $"client: {string.Join("; ", conversation.Client.Complaints)}: {situation}");
        Assert.True(conversation.Server.Complaints.Count == 0, $"server: {string.Join("; ", conversation.Server.Complaints)}: {situation}");
        byte[] option = new byte[ToaOption.Ipv6Length];
        int length = ToaOption.Write(option, conversation.Flow.Source, conversation.Flow.SourcePort);
        Assert.True(
            conversation.Server.Introduction.Length == 0 || conversation.Server.Introduction.AsSpan().SequenceEqual(option.AsSpan(0, length)), $"introduced: {situation}");
    }

    private static string Situation(Conversation conversation, int seed) =>
        $"seed {seed}, step {conversation.Steps}, client {conversation.Client.State} {conversation.Client.Received.Count}, "
        + $"server {conversation.Server.State} {conversation.Server.Received.Count}";
}
