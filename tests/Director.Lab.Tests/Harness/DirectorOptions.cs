using System.Globalization;
using System.Text.Json;

namespace Director.Lab.Tests.Harness;

/// <summary>The part of a director's configuration that labs vary.</summary>
public sealed record DirectorOptions
{
    public string Name { get; init; } = "a";

    public string[] Interfaces { get; init; } = ["eth0", "eth1"];

    public string[] FloatingAddresses { get; init; } = ["10.2.0.254/16@eth1"];

    public int Group { get; init; } = 1;

    public bool VirtualMac { get; init; } = true;

    /// <summary>Its time of day, and its engine's, can be set apart from the machine's.</summary>
    public bool MovableClock { get; init; }

    /// <summary>More lines inside <c>director { }</c>.</summary>
    public string Extra { get; init; } = "";

    public string ToHocon(string data, string socket) => string.Create(CultureInfo.InvariantCulture, $$"""
        director {
          name = "{{Name}}"
          data-directory = "{{data}}"
          interfaces = {{JsonSerializer.Serialize(Interfaces)}}
          floating-addresses = {{JsonSerializer.Serialize(FloatingAddresses)}}
          election { group = {{Group}}, virtual-mac = {{(VirtualMac ? "on" : "off")}} }
          management { socket = "{{socket}}", http { hostname = "127.0.0.1", port = 8558 } }
          {{Extra}}
        }
        """);
}
