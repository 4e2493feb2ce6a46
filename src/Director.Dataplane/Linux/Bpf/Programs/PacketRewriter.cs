using Director.Dataplane.Wire;
using static Director.Dataplane.Linux.Bpf.Condition;
using static Director.Dataplane.Linux.Bpf.Operation;
using static Director.Dataplane.Linux.Bpf.Register;

namespace Director.Dataplane.Linux.Bpf.Programs;

/// <summary>
/// The last step of the <see cref="FastPathProgram"/>: the packet at R8, whose IP packet has the length R9, leaves by the next hop on the
/// stack. Ends the program.
/// </summary>
internal sealed class PacketRewriter(Assembler code)
{
    private const int OfPseudoHeader = 0x10; // BPF_F_PSEUDO_HDR
    private const int ZeroIsNone = 0x20; // BPF_F_MARK_MANGLED_0

    // What Difference makes of equal words.
    private const uint Unchanged = uint.MaxValue;

    /// <summary>
    /// With the new addresses and ports among the <see cref="Variables"/>. Their sums follow (RFC 1624); the functions know what of one
    /// is left to a card: the part of the addresses is in its field then, that of the ports is not.
    /// </summary>
    public void Translate()
    {
        Label udp = code.NewLabel(), samePorts = code.NewLabel(), udpPorts = code.NewLabel();
        Difference(R3, (Variables.Source, Variables.NewSource), (Variables.Destination, Variables.NewDestination));
        code.Store(Width.Eight, Stack, Variables.AddressDifference, R3);
        Difference(R4, (Variables.Ports, Variables.NewPorts));
        code.Store(Width.Eight, Stack, Variables.PortDifference, R4);

        // The header's sum: addresses here, the TTL below.
        code.Load(Width.Two, R0, R8, Headers.IpChecksum);
        code.Do(Xor, R0, ushort.MaxValue);
        code.Move(R1, R3);
        code.Do(ShiftRight, R1, 16);
        code.Do(And, R3, ushort.MaxValue);
        code.Do(Add, R0, R1);
        code.Do(Add, R0, R3);
        InternetSum.Fold16(code, R0, R1);
        code.Do(Xor, R0, ushort.MaxValue);
        code.Store(Width.Two, R8, Headers.IpChecksum, R0);
        code.Load(Width.Eight, R0, Stack, Variables.NewSource);
        code.Store(Width.Eight, R8, Headers.Source, R0);
        code.Load(Width.Four, R0, Stack, Variables.NewPorts);
        code.Store(Width.Four, R8, Headers.Transport, R0);
        Leave();

        code.Load(Width.Four, R0, Stack, Variables.Protocol);
        code.JumpIf(R0, Equal, IpProtocol.Udp, udp);
        Follow(Headers.TcpChecksum, Variables.AddressDifference, OfPseudoHeader);
        code.Load(Width.Eight, R0, Stack, Variables.PortDifference);
        code.JumpIf32(R0, Equal, Unchanged, samePorts);
        Follow(Headers.TcpChecksum, Variables.PortDifference, 0);
        code.Jump(samePorts);

        code.Place(udp);
        Follow(Headers.UdpChecksum, Variables.AddressDifference, OfPseudoHeader | ZeroIsNone);
        code.Load(Width.Eight, R0, Stack, Variables.PortDifference);
        code.JumpIf32(R0, NotEqual, Unchanged, udpPorts);
        code.Jump(samePorts);
        code.Place(udpPorts);
        Follow(Headers.UdpChecksum, Variables.PortDifference, ZeroIsNone);
        code.Place(samePorts);
        Out();
    }

    /// <summary>As it is but for the frame's MACs and the TTL.</summary>
    public void Pass()
    {
        Leave();
        Out();
    }

    private void Leave()
    {
        code.Load(Width.Eight, R0, Stack, Variables.To);
        code.Store(Width.Four, R8, 0, R0);
        code.Do(ShiftRight, R0, 32);
        code.Store(Width.Two, R8, 4, R0);
        code.Load(Width.Eight, R0, Stack, Variables.From);
        code.Store(Width.Four, R8, 6, R0);
        code.Do(ShiftRight, R0, 32);
        code.Store(Width.Two, R8, 10, R0);

        code.Load(Width.One, R0, R8, Headers.TimeToLive);
        code.Do(Subtract, R0, 1);
        code.Store(Width.One, R8, Headers.TimeToLive, R0);
        // The TTL is the low octet of its pair as loaded: one less there adds the complement of one to the sum.
        code.Load(Width.Two, R0, R8, Headers.IpChecksum);
        code.Do(Xor, R0, ushort.MaxValue);
        code.Do(Add, R0, 0xFFFE);
        InternetSum.Fold16(code, R0, R1);
        code.Do(Xor, R0, ushort.MaxValue);
        code.Store(Width.Two, R8, Headers.IpChecksum, R0);
    }

    private void Out()
    {
        Label whole = code.NewLabel();
        code.Do(Add, R9, Headers.Ip);
        code.Load(Width.Four, R0, R6, SocketBuffer.Length);
        code.JumpIf(R0, Equal, R9, whole);
        code.Move(R1, R6);
        code.Move(R2, R9);
        code.Set(R3, 0);
        code.Call(Function.ChangeTail);
        code.Place(whole);
        code.Load(Width.Four, R1, Stack, Variables.Device);
        code.Set(R2, 0);
        code.Call(Function.Redirect);
        code.Exit();
    }

    private void Follow(int checksum, int difference, int flags)
    {
        code.Move(R1, R6);
        code.Set(R2, checksum);
        code.Set(R3, 0);
        code.Load(Width.Four, R4, Stack, difference);
        code.Set(R5, flags);
        code.Call(Function.ReplaceTransportChecksum);
    }

    // to = sum of the new words and of the complements of the old ones, as 32 bits with the carries added at the end. R0, R1 and R2 are lost.
    private void Difference(Register to, params ReadOnlySpan<(int Old, int New)> words)
    {
        code.Set(to, 0);
        foreach ((int before, int after) in words)
        {
            code.Load(Width.Four, R0, Stack, before);
            code.Do32(Xor, R0, -1);
            code.Do(Add, to, R0);
            code.Load(Width.Four, R0, Stack, after);
            code.Do(Add, to, R0);
        }
        InternetSum.Fold32(code, to, R1);
        InternetSum.Fold32(code, to, R1);
    }
}
