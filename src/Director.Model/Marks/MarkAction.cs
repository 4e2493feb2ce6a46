namespace Director.Model;

/// <summary>
/// What <c>-j MARK</c> does, as the kernel keeps it (<c>--set-xmark Value/Mask</c>): bits of <paramref name="Mask"/> are cleared, then
/// those of <paramref name="Value"/> flipped. Every other option is a case of this one.
/// </summary>
public readonly record struct MarkAction(uint Value, uint Mask)
{
    /// <summary>The mark that a packet with that mark has afterwards.</summary>
    public uint Apply(uint mark) => (mark & ~Mask) ^ Value;

    /// <summary>A mark for which the rule says every bit.</summary>
    public bool IsWhole => Mask == uint.MaxValue;

    public override string ToString() => FormattableString.Invariant(this switch
    {
        { IsWhole: true } => (FormattableString)$"--set-mark {Value}",
        { Value: 0 } => $"--and-mark 0x{~Mask:x}",
        { Mask: 0 } => $"--xor-mark 0x{Value:x}",
        _ when Value == Mask => $"--or-mark 0x{Value:x}",
        _ when (Value & ~Mask) == 0 => $"--set-mark 0x{Value:x}/0x{Mask:x}",
        _ => $"--set-xmark 0x{Value:x}/0x{Mask:x}",
    });

    /// <exception cref="MarkSyntaxException">The message lacks the option's name.</exception>
    internal static MarkAction Parse(MarkOption option, string text)
    {
        MarkAction action = option switch
        {
            MarkOption.AndMark => new MarkAction(0, ~Bits(text)),
            MarkOption.OrMark => new MarkAction(Bits(text), Bits(text)),
            MarkOption.XorMark => new MarkAction(Bits(text), 0),
            _ => Masked(text, set: option == MarkOption.SetMark),
        };
        return action is { Value: 0, Mask: 0 } ? throw new MarkSyntaxException($"{text} changes no mark") : action;
    }

    // --set-mark ORs the value in, so bits of it outside of the mask are set as well.
    private static MarkAction Masked(string text, bool set)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return new MarkAction(Bits(text), uint.MaxValue);
        (uint value, uint mask) = (Bits(text[..slash]), Bits(text[(slash + 1)..]));
        return new MarkAction(value, set ? mask | value : mask);
    }

    private static uint Bits(string text) => Number.TryParse(text, uint.MaxValue, out uint bits)
        ? bits
        : throw new MarkSyntaxException($"'{text}' is not a mark (0 to 4294967295, or 0x0 to 0xffffffff)");
}
