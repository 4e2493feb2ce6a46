namespace Director.Dataplane.Control;

/// <summary>
/// The part of the engine that has the connection memory. directord holds its descriptors, so that the memory outlives an
/// engine that died, and hands them to the next one before it configures it.
/// </summary>
public interface IConnectionMemoryOwner
{
    /// <summary>Of the memory in use, in an order of the owner's own; empty before it has any. They stay the owner's.</summary>
    int[] Descriptors { get; }

    /// <summary>
    /// Called at most once, before the first <see cref="IEngineCommands.Configure"/>: come up on this memory. The descriptors
    /// belong to the owner from then on, even if it throws.
    /// </summary>
    /// <exception cref="EngineException">It is not this engine's kind of memory; the owner goes on without.</exception>
    void Adopt(int[] descriptors);
}
