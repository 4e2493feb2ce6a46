using System.Collections.Frozen;
using System.Net;
using System.Net.NetworkInformation;

namespace Director.Host.Configuration;

/// <summary>What addresses this host has: asked of the system once, and again after it says that they changed.</summary>
internal sealed class HostInterfaces : IDisposable
{
    private volatile FrozenSet<IPAddress>? _addresses;

    public HostInterfaces() => NetworkChange.NetworkAddressChanged += Forget;

    public bool Have(IPAddress address) => IPAddress.IsLoopback(address) || (_addresses ??= Read()).Contains(address);

    public void Dispose() => NetworkChange.NetworkAddressChanged -= Forget;

    private static FrozenSet<IPAddress> Read() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(each => each.GetIPProperties().UnicastAddresses)
        .Select(each => each.Address)
        .ToFrozenSet();

    private void Forget(object? sender, EventArgs change) => _addresses = null;
}
