using Director.Dataplane.Linux.Bpf;
using static Director.Dataplane.Linux.Bpf.Register;

namespace Director.Dataplane.Tests.Linux.Bpf;

public sealed class AssemblerTests
{
    [Fact]
    public void What_no_way_leads_to_is_left_out_and_jumps_still_meet_their_labels()
    {
        Assembler code = new();
        Label over = code.NewLabel(), end = code.NewLabel();
        code.JumpIf(R1, Condition.Equal, 0, end);
        code.Jump(over);
        code.SetWide(R0, 0x1_0000_0001);
        code.Exit();
        code.Place(over);
        code.SetWide(R0, 0x2_0000_0003);
        code.Exit();
        code.Place(end);
        code.Exit(7);

        Assert.Equal(
            ["15 01 0004 00000000", "05 00 0000 00000000", "18 00 0000 00000003", "00 00 0000 00000002", "95 00 0000 00000000", "b7 00 0000 00000007", "95 00 0000 00000000"],
            code.Assemble().Select(each => each.ToString()));
    }

    [Fact]
    public void A_jump_to_a_label_without_a_place_is_refused()
    {
        Assembler code = new();
        code.Jump(code.NewLabel());
        Assert.Contains("without a place", Assert.Throws<InvalidOperationException>(code.Assemble).Message, StringComparison.Ordinal);
    }

    // As llvm-mc prints them.
    [Fact]
    public void Instructions_have_the_kernels_encoding()
    {
        Assembler code = new();
        code.Move(R6, R1);
        code.Do(Operation.Add, R6, -8);
        code.Do32(Operation.And, R2, 15);
        code.Load(Width.Two, R3, R6, 12);
        code.Store(Width.Eight, Stack, -16, R3);
        code.StoreValue(Width.Four, Stack, -4, 5);
        code.AtomicAdd(Width.Eight, R6, 32, R2);
        code.Swap16(R3);
        code.LoadPacket(Width.One, 23);
        code.Call(Function.Redirect);
        code.Exit();
        Assert.Equal(
            [
                "bf 16 0000 00000000", "07 06 0000 fffffff8", "54 02 0000 0000000f", "69 63 000c 00000000", "7b 3a fff0 00000000", "62 0a fffc 00000005",
                "db 26 0020 00000000", "dc 03 0000 00000010", "30 00 0000 00000017", "85 00 0000 00000017", "95 00 0000 00000000",
            ],
            code.Assemble().Select(each => each.ToString()));
    }
}
