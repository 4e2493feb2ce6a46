using Director.Dataplane.Connections;
using Director.Dataplane.Linux;

namespace Director.Dataplane.Tests.Connections;

public sealed class ConnectionIndexTests : IDisposable
{
    private const int Buckets = 16;
    private const ulong FirstHome = 0x0000_1234_5678_9ABC;
    private readonly SharedMemory _memory = SharedMemory.Private(Buckets * 64);
    private readonly ConnectionIndex _index;

    public ConnectionIndexTests() => _index = new ConnectionIndex(_memory.Slice<IndexBucket>(0, Buckets));

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void What_does_not_fit_into_a_bucket_goes_to_the_next_ones_and_beyond_four_it_is_counted()
    {
        for (uint number = 1; number <= 40; number++)
            _index.Insert(FirstHome, number);

        for (uint number = 1; number <= 40; number++)
            Assert.Equal(number, _index.Find(FirstHome, new Exactly(number)));
        Assert.Equal(0u, _index.Find(FirstHome, new Exactly(41)));
        Assert.Equal(8u, _index.Overflowed);

        Assert.True(_index.Remove(FirstHome, 33));
        Assert.Equal(7u, _index.Overflowed);
        Assert.False(_index.Remove(FirstHome, 33));
    }

    [Fact]
    public void A_hole_in_a_passed_bucket_does_not_end_the_search_and_is_filled_first()
    {
        for (uint number = 1; number <= 9; number++)
            _index.Insert(FirstHome, number);
        _index.Remove(FirstHome, 3);

        Assert.Equal(9u, _index.Find(FirstHome, new Exactly(9)));
        Assert.Equal(1, Entries().Count(entry => entry == 1UL << 32));
        _index.Insert(FirstHome, 10);
        Assert.Equal(10u, (uint)Entries().ElementAt(2));
    }

    [Fact]
    public void Tombstones_go_when_nobody_is_behind_them_any_more()
    {
        for (uint number = 1; number <= 17; number++)
            _index.Insert(FirstHome, number);
        _index.Remove(FirstHome, 1);
        _index.Remove(FirstHome, 9);
        Assert.Equal(2, Entries().Count(entry => entry == 1UL << 32));

        _index.Remove(FirstHome, 17);
        Assert.Equal(1, Entries().Count(entry => entry == 1UL << 32));
        for (uint number = 10; number <= 16; number++)
            _index.Remove(FirstHome, number);
        Assert.Equal(7, Entries().Count(entry => entry != 0));
    }

    [Fact]
    public void The_last_bucket_is_followed_by_the_first()
    {
        const ulong lastHome = ulong.MaxValue;
        for (uint number = 1; number <= 12; number++)
            _index.Insert(lastHome, number);
        Assert.Equal(12u, _index.Find(lastHome, new Exactly(12)));
        Assert.Equal(4, Entries().Take(8).Count(entry => entry != 0));
        for (uint number = 1; number <= 12; number++)
            Assert.True(_index.Remove(lastHome, number));
        Assert.All(Entries(), entry => Assert.Equal(0ul, entry));
    }

    [Fact]
    public void A_tag_that_two_keys_share_is_no_match()
    {
        _index.Insert(FirstHome, 1);
        Assert.Equal(0u, _index.Find(FirstHome, new Exactly(2)));
        // The same bucket, another tag: the key is not even asked.
        Assert.Equal(0u, _index.Find(FirstHome ^ (1UL << 20), default(Never)));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void After_any_sequence_everything_is_found_and_at_the_end_the_memory_is_empty(int seed)
    {
        Random random = new(seed);
        Dictionary<uint, ulong> model = [];
        for (int step = 0; step < 20_000; step++)
        {
            uint number = (uint)random.Next(1, 65);
            if (model.Remove(number, out ulong hash))
            {
                Assert.True(_index.Remove(hash, number));
            }
            else
            {
                // Three homes and two tags for 64 numbers: long probes, many of them shared.
                hash = ((ulong)random.Next(3) << 61) | ((ulong)random.Next(2) << 30);
                model.Add(number, hash);
                _index.Insert(hash, number);
            }
            uint probed = (uint)random.Next(1, 65);
            if (model.TryGetValue(probed, out hash))
                Assert.Equal(probed, _index.Find(hash, new Exactly(probed)));
        }
        foreach ((uint number, ulong hash) in model)
            Assert.True(_index.Remove(hash, number));
        Assert.All(Entries(), entry => Assert.Equal(0ul, entry));
        Assert.Equal(0u, _index.Overflowed);
    }

    private IEnumerable<ulong> Entries()
    {
        Region<ulong> words = _memory.Slice<ulong>(0, Buckets * IndexBucket.Length);
        for (uint i = 0; i < words.Length; i++)
            yield return words[i];
    }

    private readonly record struct Exactly(uint Wanted) : IRecordKey
    {
        public bool Matches(uint number) => number == Wanted;
    }

    private readonly struct Never : IRecordKey
    {
        public bool Matches(uint number) => throw new InvalidOperationException("Nobody has this tag.");
    }
}
