using System.Runtime.InteropServices;
using System.Text;
using Director.Dataplane.Control;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux.Netlink;

/// <summary>What a message of the kernel is handed to; its spans are valid during the call.</summary>
internal delegate void NetlinkHandler(ushort type, ReadOnlySpan<byte> body);

/// <summary>A NETLINK_ROUTE socket: requests with their answers, or a subscription.</summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    public const int DefaultBacklog = 4 << 20;

    private const int ExtendedAcknowledge = 11; // NETLINK_EXT_ACK: errors come with words
    private const int CapAcknowledge = 10; // NETLINK_CAP_ACK: and without the request
    private const int NetlinkLevel = 270; // SOL_NETLINK
    private const int ErrorMessageAttribute = 1; // NLMSGERR_ATTR_MSG
    private const int DumpTries = 10;

    // The kernel fills a dump's datagrams up to 32 KiB if the reader offers it.
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 << 10, pinned: true);
    private readonly int _descriptor;
    private uint _sequence;

    /// <param name="groups">Of RTMGRP_*: what to be told of unasked.</param>
    /// <param name="backlog">Bytes that may wait while the reader is busy; losing some costs a new dump, so less than that is no error.</param>
    public NetlinkSocket(uint groups = 0, int backlog = DefaultBacklog)
    {
        _descriptor = SystemError.Check(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0), "no netlink socket");
        int on = 1;
        _ = setsockopt(_descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &backlog, sizeof(int));
        _ = setsockopt(_descriptor, NetlinkLevel, ExtendedAcknowledge, &on, sizeof(int));
        _ = setsockopt(_descriptor, NetlinkLevel, CapAcknowledge, &on, sizeof(int));
        var address = new NetlinkAddress { Family = (ushort)AF_NETLINK, Groups = groups };
        if (bind(_descriptor, (sockaddr*)&address, sizeof(NetlinkAddress)) < 0)
        {
            EngineException error = SystemError.Exception("cannot bind a netlink socket");
            Dispose();
            throw error;
        }
    }

    public int Descriptor => _descriptor;

    public uint NextSequence() => ++_sequence;

    /// <summary>Sends without waiting for the kernel's answer; false if the kernel did not take it.</summary>
    public bool TrySend(ReadOnlySpan<byte> message)
    {
        fixed (byte* bytes = message)
            return send(_descriptor, bytes, message.Length, 0) == message.Length;
    }

    /// <summary>The datagram that waits, or an empty one. False: some were lost (ENOBUFS).</summary>
    public bool TryReceive(out ReadOnlySpan<byte> datagram) => Receive(MSG_DONTWAIT, out datagram);

    /// <summary>Sends a request (with <see cref="Rtnetlink.Acknowledge"/>) and returns the kernel's verdict: 0 or an errno.</summary>
    public int Execute(ReadOnlySpan<byte> message, uint sequence, out string words)
    {
        words = "";
        if (!TrySend(message))
            return Marshal.GetLastPInvokeError();
        while (true)
        {
            if (!Receive(0, out ReadOnlySpan<byte> datagram))
                return ENOBUFS;
            var reader = new NetlinkReader(datagram);
            while (reader.Next())
            {
                if (reader.Type != Rtnetlink.Error || reader.Sequence != sequence)
                    continue;
                words = Words(reader.Body);
                return -MemoryMarshal.Read<int>(reader.Body);
            }
        }
    }

    /// <summary>
    /// Everything of one kind. If the kernel says that it changed meanwhile, <paramref name="restart"/> is called and it is told
    /// again from the start.
    /// </summary>
    public void Dump<T>(ushort type, T header, Action restart, NetlinkHandler handle)
        where T : unmanaged
    {
        for (int tries = 0; tries < DumpTries; tries++)
        {
            restart();
            if (TryDump(type, header, handle))
                return;
        }
        throw new EngineException("the host's network configuration changes faster than it can be read");
    }

    private bool TryDump<T>(ushort type, T header, NetlinkHandler handle)
        where T : unmanaged
    {
        uint sequence = NextSequence();
        Span<byte> buffer = stackalloc byte[64];
        var request = new NetlinkWriter(buffer, type, Rtnetlink.Dump, sequence);
        request.Add(header);
        if (type == Rtnetlink.GetLink)
            request.Attribute(Rtnetlink.LinkExtensionMask, Rtnetlink.SkipStatistics);
        if (!TrySend(request.Message))
            throw SystemError.Exception("cannot ask for the host's network configuration");
        bool whole = true;
        while (true)
        {
            if (!Receive(0, out ReadOnlySpan<byte> datagram))
                continue; // an answer to something else was lost: a dump waits for its reader
            var reader = new NetlinkReader(datagram);
            while (reader.Next())
            {
                if (reader.Sequence != sequence)
                    continue; // a refused Resolve, or what is left of an interrupted dump
                whole &= (reader.Flags & Rtnetlink.DumpInterrupted) == 0;
                if (reader.Type == Rtnetlink.Done)
                    return whole;
                if (reader.Type == Rtnetlink.Error)
                    throw SystemError.Exception("cannot read the host's network configuration", -MemoryMarshal.Read<int>(reader.Body));
                handle(reader.Type, reader.Body);
            }
        }
    }

    private bool Receive(int flags, out ReadOnlySpan<byte> datagram)
    {
        datagram = default;
        fixed (byte* bytes = _buffer)
        {
            while (true)
            {
                long length = (long)recv(_descriptor, bytes, _buffer.Length, flags);
                if (length >= 0)
                {
                    datagram = _buffer.AsSpan(0, (int)length);
                    return true;
                }
                int errno = Marshal.GetLastPInvokeError();
                if (errno == EAGAIN)
                    return true;
                if (errno == ENOBUFS)
                    return false;
                if (errno != EINTR)
                    throw SystemError.Exception("cannot read from netlink", errno);
            }
        }
    }

    // struct nlmsgerr: the error, the header of the request, attributes.
    private static string Words(ReadOnlySpan<byte> body)
    {
        var attributes = new AttributeReader(body[Math.Min(body.Length, sizeof(int) + NetlinkReader.HeaderLength)..]);
        while (attributes.Next())
        {
            if (attributes.Type == ErrorMessageAttribute)
                return Encoding.UTF8.GetString(attributes.Value.TrimEnd((byte)0));
        }
        return "";
    }

    public void Dispose() => _ = close(_descriptor);
}
