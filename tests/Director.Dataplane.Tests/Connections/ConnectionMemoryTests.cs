using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.Linux;
using Director.Model;

namespace Director.Dataplane.Tests.Connections;

public sealed class ConnectionMemoryTests
{
    [Theory]
    [InlineData(1u, 63u)]
    [InlineData(65u, 127u)]
    [InlineData(1_000_000u, 1_048_575u)]
    public void It_has_room_for_the_limit_rounded_up(uint limit, uint capacity)
    {
        using SharedMemory memory = SharedMemory.Private(ConnectionMemory.SizeFor(limit));
        Assert.Equal(capacity, ConnectionMemory.Create(memory, limit).Capacity);
    }

    [Fact]
    public void Four_million_connections_take_what_the_documentation_says() =>
        Assert.Equal(4096 + (8L << 20) + (256L << 20) + (64L << 20) + (64L << 20) + (256L << 20) + (1024L << 20), ConnectionMemory.SizeFor(1 << 22));

    [Fact]
    public unsafe void The_parts_have_the_sizes_that_the_documentation_says()
    {
        Assert.Equal(64, sizeof(ConnectionRecord));
        Assert.Equal(64, sizeof(ServerSlot));
        Assert.Equal(64, sizeof(IndexBucket));
        Assert.Equal(1024, sizeof(MemoryHeader));
        Assert.Equal(16, sizeof(TimeoutChange));
        Assert.Equal(80, sizeof(FlowHash));
        Assert.Equal(64, sizeof(RecordExtension));
        Assert.Equal(256, sizeof(PersistenceData));
    }

    [Fact]
    public void More_connections_than_a_program_can_reach_have_no_memory_for_it()
    {
        EngineException refused = Assert.Throws<EngineException>(() => ConnectionMemory.CreateForProgram((1 << 22) + 1));
        Assert.Equal("it is for a connection-limit of at most 4194304, and this one is 4194305", refused.Message);
    }

    [Fact]
    public void A_record_lies_in_memory_as_the_documentation_says()
    {
        using SharedMemory memory = SharedMemory.Private(ConnectionMemory.SizeFor(64));
        ConnectionTable table = new(ConnectionMemory.Create(memory, 64, TestTable.Hash), new Timeouts(), 0);
        uint slot = table.Servers.Acquire(TestTable.Identity(TestTable.Rs1, 8080));
        uint number = table.Create(new FlowKey(6, 0x0A018001, 20001, 0x0A010064, 80), slot, 8080, ForwardingMethod.Masquerade, 0x01020304);
        table.Advance(number, PacketEvent.TcpSyn, PacketDirection.Input, 0x01020305);
        table[number].CountIn(60);

        const int records = 4096 + (64 * 16384);
        Region<byte> bytes = memory.Slice<byte>(records + (64 * number), 64);
        string hex = string.Concat(Enumerable.Range(0, 64).Select(i => bytes[(uint)i].ToString("x2", null) + (i % 4 == 3 ? " " : "")));
        Assert.Equal(
            "0a018001 0a010064 4e210050 06030500 01000000 1f900000 00000200 00000000 "
            + "3c000000 00000000 00000000 00000000 01000000 00000000 05030201 04030201 ",
            hex);

        Region<ulong> entries = memory.Slice<ulong>(records + (64 * 64), 128);
        ulong hash = TestTable.Hash.Of(0x0180010A, 0x6400010A, 0x5000214E, 6);
        uint first = (uint)(hash >> 60) * 8;
        Assert.Equal((hash >> 16 << 32) | number, entries[first]);
    }

    [Fact]
    public void Attached_again_it_has_the_same_connections()
    {
        using TestTable test = new(now: 100);
        uint established = test.Create(1);
        test.Table.Advance(established, PacketEvent.TcpSyn, PacketDirection.Input, test.Now);
        test.Table.Advance(established, PacketEvent.TcpAck, PacketDirection.Output, test.Now);
        test.Table[established].CountIn(1234);
        uint direct = test.Create(2, method: ForwardingMethod.DirectRoute);
        test.Table.Advance(direct, PacketEvent.TcpSyn, PacketDirection.Input, test.Now);
        uint gone = test.Create(3);
        test.Table.Remove(gone);
        uint slot1 = test.Slot1;
        test.Table.SetTimeouts(new Timeouts(500, 0, 0), ++test.Now);
        test.Pass(10);

        Visitor visitor = new();
        test.Restart(visitor);

        Assert.Equal(2u, test.Table.Count);
        Assert.Equal([established, direct], visitor.Seen);
        Assert.Equal(established, test.Table.Find(TestTable.Flow(1)));
        Assert.Equal(established, test.Table.FindReply(TestTable.Reply(TestTable.Flow(1))));
        Assert.Equal(direct, test.Table.Find(TestTable.Flow(2)));
        Assert.Equal(0u, test.Table.FindReply(TestTable.Reply(TestTable.Flow(2))));
        Assert.Equal(0u, test.Table.Find(TestTable.Flow(3)));
        Assert.Equal(ConnectionState.Established, test.Table[established].State);
        Assert.Equal(1234ul, test.Table[established].InBytes);
        Assert.Equal((slot1, 2u), (test.Slot1, test.Table.Servers[slot1].References));
        // Seen last under the 900 s, which the memory remembers.
        Assert.Equal(889u, test.Table.RemainingSeconds(established, test.Now));
        Assert.Equal(500u, test.Table.Timeouts.Tcp);
        test.Pass(51);
        test.Expire();
        Assert.Equal([direct], test.Ended);
    }

    [Fact]
    public void What_a_killed_engine_left_half_done_is_cleaned_up()
    {
        using TestTable test = new();
        uint whole = test.Create(1);
        uint half = test.Create(2);
        uint badState = test.Create(3);
        uint badSlot = test.Create(4);
        uint lost = test.Create(5);
        test.Table[half].Generation |= 1;
        test.Table[badState].StateByte = 200;
        test.Table[badSlot].ServerWord = 999; // of nobody

        test.Restart();

        Assert.Equal(2u, test.Table.Count);
        Assert.Equal(whole, test.Table.Find(TestTable.Flow(1)));
        Assert.Equal(lost, test.Table.Find(TestTable.Flow(5)));
        foreach (int client in new[] { 2, 3, 4 })
            Assert.Equal(0u, test.Table.Find(TestTable.Flow(client)));
        Assert.Equal(2u, test.Table.Servers[test.Slot1].References);
        HashSet<uint> numbers = [];
        for (int client = 10; test.Create(client) is var number and not 0; client++)
            Assert.True(numbers.Add(number));
        Assert.Equal((int)test.Table.Capacity - 2, numbers.Count);
    }

    [Fact]
    public void A_used_memory_can_be_made_new()
    {
        using SharedMemory memory = SharedMemory.Private(ConnectionMemory.SizeFor(64));
        ConnectionTable old = new(ConnectionMemory.Create(memory, 64), new Timeouts(), 0);
        Assert.NotEqual(0u, old.Create(TestTable.Flow(1), old.Servers.Acquire(TestTable.Identity(1)), 80, ForwardingMethod.Masquerade, 0));
        ConnectionTable made = new(ConnectionMemory.Create(memory, 64), new Timeouts(), 0);
        Assert.Equal((0u, 0u), (made.Count, made.Find(TestTable.Flow(1))));
    }

    public static TheoryData<string, int, byte, string> Damages => new()
    {
        { "no magic", 0, 0x00, "does not begin with HADIRCON" },
        { "a later layout", 8, 0x02, "layout version 2" },
        { "unknown features", 12, 0x01, "features 1" },
        { "records of another size", 16, 0x80, "contradicts itself" },
        { "a number of records that is no power of two", 20, 0x41, "contradicts itself" },
        { "another place for the records", 48, 0x01, "contradicts itself" },
        { "more bytes than there are", 76, 0x01, "bytes, but only" },
        { "another clock", 168, 0x10, "contradicts itself" },
        { "no timeouts", 172, 0x00, "contradicts itself" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void What_is_no_connection_memory_of_ours_is_refused(string what, int offset, byte value, string message)
    {
        Assert.NotEmpty(what);
        using SharedMemory memory = SharedMemory.Private(ConnectionMemory.SizeFor(64));
        ConnectionMemory.Create(memory, 64);
        memory.Slice<byte>(0, 4096)[(uint)offset] = value;
        InvalidDataException refused = Assert.Throws<InvalidDataException>(() => ConnectionMemory.Attach(memory));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_memory_that_is_too_small_is_refused()
    {
        using SharedMemory memory = SharedMemory.Private(512);
        Assert.Throws<InvalidDataException>(() => ConnectionMemory.Attach(memory));
        Assert.Throws<ArgumentException>(() => ConnectionMemory.Create(memory, 64));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConnectionMemory.SizeFor(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => ConnectionMemory.SizeFor((1 << 24) + 1));
    }

    private sealed class Visitor : IConnectionVisitor
    {
        public List<uint> Seen { get; } = [];

        public void Visit(uint number, in ConnectionRecord connection)
        {
            Assert.True(connection.IsInUse);
            Seen.Add(number);
        }
    }
}
