using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace Director.Actors.Cluster.Wire;

/// <summary>Akka's way to <see cref="WireFormats"/>: everything between directors goes through it (<see cref="Hocon"/>).</summary>
public sealed class WireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Stands in every message between directors. Never changes, never means anything else.</summary>
    public const int SerializerId = 7412;

    /// <summary>For an actor system that speaks with other directors.</summary>
    public static Config Hocon { get; } = ConfigurationFactory.ParseString($$"""
        akka.actor {
          serializers.director-wire = "{{TypeName(typeof(WireSerializer))}}"
          serialization-bindings { "{{TypeName(typeof(IWireMessage))}}" = director-wire }
          serialization-identifiers { "{{TypeName(typeof(WireSerializer))}}" = {{SerializerId}} }
        }
        """);

    public override int Identifier => SerializerId;

    public override string Manifest(object o) => Format(o).Manifest;

    public override byte[] ToBinary(object obj) => Format(obj).ToBytes((IWireMessage)obj);

    /// <summary>An <see cref="UnreadableMessage"/> where this version understands nothing.</summary>
    public override object FromBinary(byte[] bytes, string manifest) => WireFormats.ByManifest.TryGetValue(manifest, out WireFormat? format)
        ? format.FromBytes(bytes)
        : new UnreadableMessage(manifest, Fault: null);

    private static WireFormat Format(object message) => WireFormats.ByType.TryGetValue(message.GetType(), out WireFormat? format)
        ? format
        : throw new SerializationException($"{message.GetType().Name} has no format between directors");

    private static string TypeName(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
}
