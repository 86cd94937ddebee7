namespace RunnerImage.Registries;

/// <summary>What a job says to mean a registry.</summary>
internal static class RegistryAddress
{
    /// <returns>Its host, with the port if there is one: what is left of an address without scheme and path.</returns>
    public static string HostOf(string address)
    {
        var start = address.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? at + "://".Length : 0;
        return address[start..].Split('/')[0];
    }
}
