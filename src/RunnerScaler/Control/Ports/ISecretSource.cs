namespace RunnerScaler.Control.Ports;

/// <summary>Reads Secrets by name. What goes wrong is a result; only cancellation throws.</summary>
internal interface ISecretSource
{
    Task<SecretResult> ReadAsync(string ns, string name, CancellationToken cancel);
}

/// <summary>What became of reading a Secret.</summary>
internal abstract record SecretResult
{
    /// <param name="Data">The values by key: secret, never to be logged.</param>
    /// <param name="ResourceVersion">Changes with every change of the Secret.</param>
    public sealed record Found(
        IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Data, string ResourceVersion) : SecretResult;

    /// <summary>There is no such Secret.</summary>
    public sealed record Missing : SecretResult;

    /// <summary>No clear answer, or no permission to read it.</summary>
    public sealed record Unavailable(string Why) : SecretResult;
}
