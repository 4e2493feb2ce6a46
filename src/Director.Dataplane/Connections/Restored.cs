namespace Director.Dataplane.Connections;

/// <summary>How long a record that another director told of still has.</summary>
/// <param name="Remaining">Ticks until it ends if no packet comes.</param>
/// <param name="OwnTimeout">Seconds that go before the state's timeout; 0: none.</param>
/// <param name="Now">Ticks.</param>
internal readonly record struct Restored(uint Remaining, uint OwnTimeout, uint Now)
{
    /// <summary>Flags that may be others than before.</summary>
    public const ConnectionFlags Flags = ConnectionFlags.NoOutput | ConnectionFlags.AddressOwed;
}
