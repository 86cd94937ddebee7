using System.Text;

namespace RunnerImage.Entrypoint;

/// <summary>The entrypoint's lines in the container's log. They hold no secret.</summary>
/// <param name="output">Where they go.</param>
internal sealed class PodLog(Stream output)
{
    private const string Prefix = "runnerscaler: ";
    private readonly Lock gate = new();

    /// <summary>Writes a line. A log that cannot be written stops nothing.</summary>
    public void Say(string line)
    {
        var bytes = Encoding.UTF8.GetBytes($"{Prefix}{line.ReplaceLineEndings(" ")}\n");
        try
        {
            lock (gate)
            {
                output.Write(bytes);
                output.Flush();
            }
        }
        catch (IOException)
        {
            // Nobody reads it.
        }
    }
}
