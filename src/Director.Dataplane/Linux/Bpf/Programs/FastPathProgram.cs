using Director.Dataplane.Connections;
using Director.Dataplane.FastPath;
using static Director.Dataplane.Linux.Bpf.Condition;
using static Director.Dataplane.Linux.Bpf.Operation;
using static Director.Dataplane.Linux.Bpf.Register;

namespace Director.Dataplane.Linux.Bpf.Programs;

/// <summary>
/// The fast path: the program at an interface's ingress that forwards ordinary packets of established flows in the kernel, out of the
/// engine's own connection memory. What it does not know, or what could change a connection, it leaves as it is: to the
/// <see cref="Division"/> between engine and host.
/// <list type="number">
/// <item>parse (<see cref="PacketParser"/>): Ethernet to one of our MACs, IPv4 without options or fragments, TCP with nothing but ACK, or UDP;</item>
/// <item>look up: the connection, from the client's side or from the server's (<see cref="FlowSearch"/>);</item>
/// <item>check: next hop known, packet fits, lease not over; count;</item>
/// <item>rewrite (<see cref="PacketRewriter"/>): MACs, TTL, addresses, ports, checksums; out.</item>
/// </list>
/// Through all of it R6 is the context, R7 the record, R8 the packet, R9 the length of the IP packet.
/// </summary>
internal sealed class FastPathProgram
{
    private readonly Assembler _code = new();
    private readonly FastPathPlan _plan;
    private readonly FlowSearch _search;
    private readonly Label _slow;
    private readonly Label _translate;
    private readonly Label _pass;
    private readonly Label _drop;

    private FastPathProgram(FastPathPlan plan)
    {
        _plan = plan;
        _search = new FlowSearch(_code, plan);
        (_slow, _translate, _pass, _drop) = (_code.NewLabel(), _code.NewLabel(), _code.NewLabel(), _code.NewLabel());
    }

    /// <summary>The program for such an interface.</summary>
    public static Instruction[] Write(FastPathPlan plan) => new FastPathProgram(plan).Write();

    private Instruction[] Write()
    {
        PacketRewriter rewriter = new(_code);
        _code.Move(R6, R1);
        new PacketParser(_code, _plan, _search, _slow).Write();
        LookUp();
        _code.Place(_translate);
        rewriter.Translate();
        _code.Place(_pass);
        rewriter.Pass();
        _code.Place(_drop);
        _code.Exit(SocketBuffer.Drop);
        _code.Place(_slow);
        Division.Write(_code, _plan);
        return _code.Assemble();
    }

    private void LookUp()
    {
        Label client = _code.NewLabel(), server = _code.NewLabel();
        _search.Prepare();
        if (_plan.AnswersFirst)
        {
            _search.ForAnswer(server);
            _search.ForClient(client);
        }
        else
        {
            _search.ForClient(client);
            _search.ForAnswer(server);
        }
        _code.Jump(_slow);

        _code.Place(client);
        FromClient();
        _code.Place(server);
        FromServer();
    }

    // Direct routing: the packet stays as it is. Masquerading: the server's address and port in the place of the VIP's.
    private void FromClient()
    {
        _search.LoadServer(R5);
        _code.Store(Width.Eight, Stack, Variables.Server, R5);
        _code.Load(Width.Four, R1, R5, FastServer.HopAt);
        Check();
        Account(Offsets.LastSeenIn, (Offsets.InPackets, Offsets.InBytes), (FastServer.InPacketsAt, FastServer.InBytesAt));

        _code.Load(Width.Two, R0, R7, Offsets.Flags);
        _code.Do(And, R0, (int)ConnectionFlags.MethodMask);
        _code.JumpIf(R0, NotEqual, 0, _pass);
        _code.Load(Width.Eight, R1, Stack, Variables.Server);
        Put(Width.Four, Variables.NewSource, Stack, Variables.Source);
        Put(Width.Four, Variables.NewDestination, R1, FastServer.AddressAt);
        Put(Width.Two, Variables.NewSourcePort, R8, Headers.SourcePort);
        Put(Width.Two, Variables.NewDestinationPort, R7, Offsets.ServerPort);
        _code.Jump(_translate);
    }

    // The VIP and its port in the place of the server's. The search has left the server in its place.
    private void FromServer()
    {
        _code.Load(Width.Four, R1, R7, Offsets.ServerWord);
        _code.Do(ShiftRight, R1, ConnectionRecord.SlotBits);
        Check();
        Account(Offsets.LastSeenOut, (Offsets.OutPackets, Offsets.OutBytes), (FastServer.OutPacketsAt, FastServer.OutBytesAt));

        Put(Width.Four, Variables.NewSource, R7, Offsets.VirtualAddress);
        Put(Width.Four, Variables.NewDestination, Stack, Variables.Destination);
        Put(Width.Two, Variables.NewSourcePort, R7, Offsets.VirtualPort);
        Put(Width.Two, Variables.NewDestinationPort, R8, Headers.DestinationPort);
        _code.Jump(_translate);
    }

    // A variable gets what lies there.
    private void Put(Width width, int variable, Register from, int offset)
    {
        _code.Load(width, R0, from, offset);
        _code.Store(width, Stack, variable, R0);
    }

    // R1 is the number of the next hop. Its three words go to the stack; from here on only the lease can stop the packet.
    private void Check()
    {
        Label fits = _code.NewLabel();
        _code.Do(And, R1, (int)FastTables.HopCount - 1);
        _code.Do(ShiftLeft, R1, 5);
        _code.SetAddress(R2, _plan.Tables.Memory.Descriptor, FastTables.HopsAt);
        _code.Do(Add, R2, R1);
        _code.Load(Width.Eight, R3, R2, FastHop.ToAt);
        _code.Load(Width.Eight, R4, R2, FastHop.FromAt);
        _code.Load(Width.Eight, R5, R2, FastHop.DeviceAt);
        _code.Store(Width.Eight, Stack, Variables.To, R3);
        _code.Store(Width.Eight, Stack, Variables.From, R4);
        _code.Store(Width.Eight, Stack, Variables.Device, R5);
        SameGeneration(R4);
        SameGeneration(R5);
        _code.Do(ShiftRight, R3, FastHop.GenerationShift);
        _code.JumpIf(R3, Equal, 0, _slow);

        // It fits, or is a super-frame whose segments do.
        _code.Do(ShiftRight, R5, FastHop.MtuShift);
        _code.Do(And, R5, ushort.MaxValue);
        _code.JumpIf(R9, BelowOrEqual, R5, fits);
        _code.Load(Width.Four, R0, R6, SocketBuffer.SegmentSize);
        _code.JumpIf(R0, Equal, 0, _slow);
        _code.Load(Width.Four, R1, Stack, Variables.HeaderLength);
        _code.Do(Add, R0, R1);
        _code.JumpIf(R0, Above, R5, _slow);
        _code.Place(fits);

        _code.Call(Function.BootTime);
        _code.SetAddress(R1, _plan.Tables.Memory.Descriptor, FastTables.LeaseAt);
        _code.Load(Width.Eight, R1, R1, 0);
        _code.JumpIf(R0, AboveOrEqual, R1, _drop);
    }

    private void SameGeneration(Register word)
    {
        _code.Move(R0, R3);
        _code.Do(Xor, R0, word);
        _code.Do(ShiftRight, R0, FastHop.GenerationShift);
        _code.JumpIf(R0, NotEqual, 0, _slow);
    }

    // R0 is the time.
    private void Account(int seen, (int Packets, int Bytes) connection, (int Packets, int Bytes) server)
    {
        _code.Do(ShiftRight, R0, ConnectionClock.TickShift);
        _code.Store(Width.Four, R7, seen, R0);
        _code.Set(R1, 1);
        _code.AtomicAdd(Width.Four, R7, connection.Packets, R1);
        _code.AtomicAdd(Width.Eight, R7, connection.Bytes, R9);
        _code.Load(Width.Eight, R2, Stack, Variables.Server);
        _code.AtomicAdd(Width.Eight, R2, server.Packets, R1);
        _code.AtomicAdd(Width.Eight, R2, server.Bytes, R9);
    }
}
