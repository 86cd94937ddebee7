using System.Text;
using RunnerScaler.Control.Ports;

namespace RunnerScaler.Tests.GitHub;

/// <summary>One Secret, as a test sets it.</summary>
internal sealed class FakeSecrets : ISecretSource
{
    private int version;

    public SecretResult Result { get; set; } = new SecretResult.Missing();

    public int Reads { get; private set; }

    /// <summary>No read is answered.</summary>
    public bool Hangs { get; set; }

    public void Set(params (string Key, string Value)[] data) =>
        Result = new SecretResult.Found(Data(data), $"{++version}");

    public static Dictionary<string, ReadOnlyMemory<byte>> Data(params (string Key, string Value)[] data) =>
        data.ToDictionary(d => d.Key, d => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(d.Value));

    public async Task<SecretResult> ReadAsync(string ns, string name, CancellationToken cancel)
    {
        Reads++;
        if (Hangs)
            await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
        return Result;
    }
}
