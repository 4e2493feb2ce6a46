using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Wire;
using static Director.Dataplane.Linux.Bpf.Register;

namespace Director.Dataplane.Linux.Bpf.Programs;

/// <summary>
/// Divides what is no fast flow's between engine and host, by the same rules as without a fast path (<see cref="IngressRules"/>, in
/// classic BPF): the engine's frames go through its door, the host's go on; what is both's goes on, and its copy through the door.
/// </summary>
internal static class Division
{
    private const Register Accumulator = R7;
    private const Register Index = R8;

    /// <summary>Ends the program. R6 is the context.</summary>
    public static void Write(Assembler code, FastPathPlan plan)
    {
        Label host = code.NewLabel(), engines = code.NewLabel(), engineOnly = code.NewLabel(), both = code.NewLabel();
        if (plan.Door == 0)
        {
            code.Exit(SocketBuffer.Next);
            return;
        }
        Translate(code, plan.Rules.SocketFilter, verdict => verdict == 0 ? host : engines);
        code.Place(engines);
        if (plan.EngineMac != plan.InterfaceMac)
            MatchMac(code, plan.EngineMac, engineOnly); // which the host ignores
        Translate(code, plan.Rules.HostDrop, verdict => verdict == unchecked((uint)SocketBuffer.Next) ? both : engineOnly);

        code.Place(engineOnly);
        code.Set(R1, plan.Door);
        code.Set(R2, SocketBuffer.AsReceived);
        code.Call(Function.Redirect);
        code.Exit();

        code.Place(both);
        code.Move(R1, R6);
        code.Set(R2, plan.Door);
        code.Set(R3, SocketBuffer.AsReceived);
        code.Call(Function.CloneRedirect);
        code.Place(host);
        code.Exit(SocketBuffer.Next);
    }

    private static void MatchMac(Assembler code, MacAddress mac, Label same)
    {
        Label differs = code.NewLabel();
        code.LoadPacket(Width.Four, 2);
        code.JumpIf32(R0, Condition.NotEqual, (uint)mac.Value, differs);
        code.LoadPacket(Width.Two, 0);
        code.JumpIf32(R0, Condition.Equal, (uint)(mac.Value >> 32), same);
        code.Place(differs);
    }

    // Instruction by instruction. (The kernel does the same with classic programs when it takes them.)
    private static void Translate(Assembler code, BpfInstruction[] program, Func<uint, Label> verdict)
    {
        Label[] places = [.. program.Select(_ => code.NewLabel())];
        code.Set(Accumulator, 0);
        code.Set(Index, 0);
        for (int i = 0; i < program.Length; i++)
        {
            (ushort operation, byte whenTrue, byte whenFalse, uint operand) = program[i];
            code.Place(places[i]);
            switch (operation)
            {
                case ClassicBpf.LoadWord when operand == ClassicBpf.VlanTagPresent:
                    code.Load(Width.Four, Accumulator, R6, SocketBuffer.VlanPresent);
                    break;
                case ClassicBpf.LoadWord when operand == ClassicBpf.VlanTag:
                    code.Load(Width.Four, Accumulator, R6, SocketBuffer.VlanTag);
                    break;
                case ClassicBpf.LoadWord or ClassicBpf.LoadHalf or ClassicBpf.LoadByte:
                    code.LoadPacket((Width)(operation & 0x18), operand);
                    code.Move(Accumulator, R0);
                    break;
                case ClassicBpf.LoadHalfIndexed or ClassicBpf.LoadByteIndexed:
                    code.LoadPacket((Width)(operation & 0x18), Index, operand);
                    code.Move(Accumulator, R0);
                    break;
                case ClassicBpf.LoadHeaderLength:
                    code.LoadPacket(Width.One, operand);
                    code.Do(Operation.And, R0, 15);
                    code.Do(Operation.ShiftLeft, R0, 2);
                    code.Move(Index, R0);
                    break;
                case ClassicBpf.LoadIndex:
                    code.Set(Index, (int)operand);
                    break;
                case ClassicBpf.Jump:
                    code.Jump(places[i + 1 + (int)operand]);
                    break;
                case ClassicBpf.JumpEqual or ClassicBpf.JumpGreater or ClassicBpf.JumpGreaterOrEqual or ClassicBpf.JumpAnyBit:
                    code.JumpIf32(Accumulator, (Condition)(operation & 0xf0), operand, places[i + 1 + whenTrue]);
                    if (whenFalse != 0)
                        code.Jump(places[i + 1 + whenFalse]);
                    break;
                case ClassicBpf.Return:
                    code.Jump(verdict(operand));
                    break;
                default:
                    throw new InvalidOperationException($"No translation for classic BPF {operation:x}.");
            }
        }
    }
}
