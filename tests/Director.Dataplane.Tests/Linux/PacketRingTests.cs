using System.Buffers.Binary;
using Director.Dataplane.Control;
using Director.Dataplane.Linux;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Linux;

/// <summary>Numbered frames of our own from one packet interface ("eth0" of the sender) to another ("eth0" of the receiver).</summary>
[Trait("Category", "Kernel")]
public sealed class PacketRingTests : IDisposable
{
    private const int Slots = 255;
    private const int Numbered = 60;
    private const string SenderMac = "02:00:00:00:00:01";
    private const string ReceiverMac = "02:00:00:00:00:02";
    private static readonly MacAddress Virtual = MacAddress.Virtual(0, 1);

    private readonly Lab _lab;
    private readonly PacketInterface _sender;
    private readonly PacketInterface _receiver;
    private readonly PacketPoll _poll;
    private int _sent;

    public PacketRingTests()
    {
        _lab = new Lab("sender", "receiver");
        _lab.Connect("sender", "eth0", SenderMac, "receiver", "eth0", ReceiverMac);
        _sender = Open("sender", SenderMac);
        _receiver = Open("receiver", ReceiverMac);
        _poll = new PacketPoll([_receiver.Descriptor]);
    }

    public void Dispose()
    {
        _poll.Dispose();
        _sender.Dispose();
        _receiver.Dispose();
        _lab.Dispose();
    }

    [Fact]
    public void Frames_come_in_order_round_and_round()
    {
        for (int round = 0; round < 20; round++)
        {
            Assert.Equal(100, Send(100));
            Receive(round * 100, 100);
            Assert.Equal(100, _receiver.Pending);
            _receiver.ReleaseAll();
            Assert.Equal(0, _receiver.Pending);
        }
        Assert.False(_receiver.HasFrames);
        Assert.Equal(0u, _receiver.TakeKernelDrops());
    }

    [Fact]
    public void Slots_that_are_held_are_never_overwritten_and_what_does_not_fit_is_counted()
    {
        Send(Slots + 45);
        Receive(0, Slots);
        Assert.False(_receiver.HasFrames);
        Assert.False(_receiver.TryReceive(out _));
        uint drops = 0;
        long deadline = BootClock.Milliseconds + 5000;
        while (drops < 45 && BootClock.Milliseconds < deadline)
            drops += _receiver.TakeKernelDrops();
        Assert.Equal(45u, drops);

        _receiver.ReleaseAll();
        Send(10);
        Receive(Slots + 45, 10);
    }

    [Fact]
    public void The_filter_lets_in_priority_tags_and_no_other_VLAN()
    {
        Span<byte> tagged = _sender.ReserveTransmit(Numbered + 4);
        Number(tagged[PacketInterface.OffloadLength..], EtherType.Vlan);
        tagged[PacketInterface.OffloadLength + 15] = 5; // VLAN 5
        BinaryPrimitives.WriteUInt16BigEndian(tagged[(PacketInterface.OffloadLength + 16)..], EtherType.Ipv4);
        _sender.Queue(tagged);
        Span<byte> priority = _sender.ReserveTransmit(Numbered + 4);
        Number(priority[PacketInterface.OffloadLength..], EtherType.Vlan);
        priority[PacketInterface.OffloadLength + 14] = 0xE0; // priority 7, VLAN 0
        BinaryPrimitives.WriteUInt16BigEndian(priority[(PacketInterface.OffloadLength + 16)..], EtherType.Ipv4);
        _sender.Queue(priority);
        Assert.Equal(2, _sender.Flush());

        ReceivedFrame frame = Next();
        Assert.False(frame.VlanTagged);
        Assert.Equal(Numbered, frame.Bytes.Length); // the kernel took the tag off
        Assert.Equal([0x08, 0x00], frame.Bytes[12..14].ToArray());
        Assert.False(_receiver.HasFrames);
    }

    [Fact]
    public void An_interface_that_was_down_works_on_when_it_is_up_again()
    {
        _lab.Ip("receiver", "link set eth0 down");
        Assert.Equal(1, _poll.Wait(5_000_000_000));
        Assert.True(_poll.IsBroken(0));
        _receiver.TakeError();
        Assert.Equal(0, _poll.Wait(0));
        _lab.Ip("sender", "link set eth0 down");
        Send(3);
        Assert.Equal(3, _sender.TransmitFailures.InterfaceDown);

        _lab.Ip("sender", "link set eth0 up");
        _lab.Ip("receiver", "link set eth0 up");
        _sent = 0;
        Assert.Equal(5, Send(5));
        Receive(0, 5);
    }

    [Fact]
    public void A_frame_that_the_kernel_refuses_is_counted_and_the_others_go()
    {
        _lab.Ip("sender", "link set eth0 mtu 1000");
        Queue(Numbered);
        Queue(1500); // too big
        Queue(Numbered);
        Span<byte> contradiction = Queue(Numbered);
        contradiction[0] = 1; // checksum needed, far behind the end
        contradiction[6] = 0xFF;
        Queue(Numbered);
        Assert.Equal(3, _sender.Flush());
        Assert.Equal((1, 1, 2), (_sender.TransmitFailures.TooBig, _sender.TransmitFailures.Refused, _sender.TransmitFailures.Total));
        Assert.Equal([0, 2, 4], [Number(Next()), Number(Next()), Number(Next())]);
    }

    [Fact]
    public void Own_frames_over_the_queues_length_flush_it()
    {
        for (int i = 0; i < 200; i++)
            Queue(Numbered);
        _receiver.ReleaseAll();
        for (int i = 200; i < 450; i++)
            Queue(Numbered);
        Receive(0, Slots); // the first 256 went before the rest was queued
        _sender.Flush();
        Assert.True(_sender.ReserveTransmit(2039).IsEmpty);
        Assert.Equal(2048, _sender.ReserveTransmit(2038).Length);
    }

    [Fact]
    public void Receiving_and_sending_allocates_nothing()
    {
        Send(50);
        Receive(0, 50);
        _receiver.ReleaseAll();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int round = 0; round < 20; round++)
            {
                Send(50);
                int received = 0;
                while (received < 50)
                {
                    _poll.Wait(1_000_000_000);
                    while (_receiver.TryReceive(out _))
                        received++;
                }
                _receiver.ReleaseAll();
            }
        }));
    }

    [Fact]
    public void A_macvlan_is_told_to_do_without_a_virtual_MAC()
    {
        _lab.Ip("sender", "link add link eth0 name mac0 type macvlan mode bridge");
        _lab.Ip("sender", "link set mac0 up");
        using PacketInterface macvlan = _lab.In("sender", () => PacketInterface.Open("mac0", Filter(SenderMac)));
        EngineException error = Assert.Throws<EngineException>(() => macvlan.AddUnicast(Virtual));
        Assert.Contains("election.virtual-mac = off", error.Message, StringComparison.Ordinal);
    }

    /// <summary>
    /// A macvlan sorts groups out as hardware does, by a hash of 256 places with a secret: a group may share its place with one
    /// that the host listens to, eight of them cannot.
    /// </summary>
    [Fact]
    public void Only_frames_to_groups_that_are_listened_to_come_through_hardware_that_sorts_them()
    {
        _lab.Ip("receiver", "link add link eth0 name mac0 type macvlan mode bridge");
        _lab.Ip("receiver", "link set mac0 up");
        using PacketInterface macvlan = _lab.In("receiver", () => PacketInterface.Open("mac0", Filter(ReceiverMac)));
        Assert.True(Solicit() < 8);
        var solicited = new IpAddress(0xFD00_0001_0000_0000, 0x10_0000);
        macvlan.SetMulticast(MulticastGroups.Of(Enumerable.Range(0, 8).Select(i => solicited.Plus((uint)i))));
        Assert.Equal(8, Solicit());

        // One for each of the eight, and a broadcast, which everybody gets, behind them. How many came before that.
        int Solicit()
        {
            for (int i = 0; i < 8; i++)
                QueueSolicitation(new MacAddress(0x3333_FF10_0000 + (ulong)i), EtherType.Ipv6);
            QueueSolicitation(MacAddress.Broadcast, EtherType.Arp);
            _sender.Flush();
            using var poll = new PacketPoll([macvlan.Descriptor]);
            int received = 0;
            bool ended = false;
            while (!ended)
            {
                Assert.Equal(1, poll.Wait(5_000_000_000));
                for (; macvlan.TryReceive(out ReceivedFrame frame); received++)
                    ended |= frame.Bytes[0] == 0xFF;
                macvlan.ReleaseAll();
            }
            return received - 1;
        }
    }

    private static BpfInstruction[] Filter(string mac) => IngressRules.SocketFilter(PacketInterfaceTests.Plan(mac));

    private PacketInterface Open(string name, string mac)
    {
        PacketInterface opened = _lab.In(name, () => PacketInterface.Open("eth0", Filter(mac), Slots));
        opened.AddUnicast(Virtual);
        return opened;
    }

    private int Send(int count)
    {
        int sent = 0;
        for (int i = 0; i < count; i++)
        {
            Queue(Numbered);
            if (i % 64 == 63)
                sent += _sender.Flush();
        }
        return sent + _sender.Flush();
    }

    private Span<byte> Queue(int length)
    {
        Span<byte> buffer = _sender.ReserveTransmit(length);
        Number(buffer[PacketInterface.OffloadLength..], EtherType.Ipv4);
        _sender.Queue(buffer);
        return buffer;
    }

    private void QueueSolicitation(MacAddress to, ushort type)
    {
        Span<byte> buffer = _sender.ReserveTransmit(PacketInterface.OffloadLength + 14 + 40 + 24);
        buffer.Clear();
        Span<byte> frame = buffer[PacketInterface.OffloadLength..];
        to.Write(frame);
        _sender.Mac.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], type);
        (frame[14], frame[20], frame[54]) = (0x60, 58, 135); // IPv6, ICMPv6, neighbour solicitation
        _sender.Queue(buffer);
    }

    private void Number(Span<byte> frame, ushort type)
    {
        Virtual.Write(frame);
        _sender.Mac.Write(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], type);
        BinaryPrimitives.WriteInt32BigEndian(frame[40..], _sent++);
    }

    private static int Number(ReceivedFrame frame) => BinaryPrimitives.ReadInt32BigEndian(frame.Bytes[40..]);

    private void Receive(int first, int count)
    {
        for (int i = 0; i < count; i++)
            Assert.Equal(first + i, Number(Next()));
    }

    private ReceivedFrame Next()
    {
        long deadline = BootClock.Milliseconds + 5000;
        ReceivedFrame frame;
        while (!_receiver.TryReceive(out frame))
        {
            Assert.True(BootClock.Milliseconds < deadline, "no frame");
            _poll.Wait(100_000_000);
        }
        return frame;
    }
}
