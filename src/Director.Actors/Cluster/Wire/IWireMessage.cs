namespace Director.Actors.Cluster.Wire;

/// <summary>
/// What one director says to another. Each such type is immutable and has a <see cref="WireFormat"/> in <see cref="WireFormats"/>;
/// nothing of ours crosses in Akka's default format, which would name .NET types on the wire.
/// </summary>
public interface IWireMessage;
