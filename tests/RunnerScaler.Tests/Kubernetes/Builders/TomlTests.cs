using CsCheck;
using RunnerScaler.Kubernetes.Builders;

namespace RunnerScaler.Tests.Kubernetes.Builders;

public sealed class TomlTests
{
    [Fact]
    public void TablesKeysAndValuesAreWrittenAsBuildKitReadsThem() => Assert.Equal(
        """
        [worker.oci]
          gc = true
          maxUsedSpace = "16384MB"

        [registry."docker.io"]
          mirrors = ["a.io", "b.io/hub"]

        """,
        new Toml()
            .Table("worker", "oci").Set("gc", true).Set("maxUsedSpace", "16384MB")
            .Table("registry", "docker.io").Set("mirrors", ["a.io", "b.io/hub"])
            .ToString());

    [Theory]
    [InlineData("plain", "\"plain\"")]
    [InlineData("a\"b", "\"a\\\"b\"")]
    [InlineData("a\\b", "\"a\\\\b\"")]
    [InlineData("a\nb\tc\rd", "\"a\\nb\\tc\\rd\"")]
    [InlineData("\u0000\u001f\u007f", "\"\\u0000\\u001F\\u007F\"")]
    [InlineData("größe", "\"größe\"")]
    public void WhatIsNotPlainIsEscaped(string text, string quoted) => Assert.Equal(quoted, Toml.Quote(text));

    [Fact]
    public void WhateverIsQuotedStaysOnItsLineAndInItsQuotes() => Gen.String.Sample(text =>
    {
        var inner = Toml.Quote(text)[1..^1];
        Assert.DoesNotContain(inner, char.IsControl);
        Assert.Equal(text, Unquote(inner));
    });

    /// <summary>Reads a basic string back, by the rules of TOML.</summary>
    private static string Unquote(string inner)
    {
        var read = new System.Text.StringBuilder();
        for (var i = 0; i < inner.Length; i++)
        {
            Assert.NotEqual('"', inner[i]);
            if (inner[i] != '\\')
            {
                read.Append(inner[i]);
                continue;
            }
            switch (inner[++i])
            {
                case 'n': read.Append('\n'); break;
                case 't': read.Append('\t'); break;
                case 'r': read.Append('\r'); break;
                case '"': read.Append('"'); break;
                case '\\': read.Append('\\'); break;
                case 'u':
                    read.Append((char)Convert.ToInt32(inner.Substring(i + 1, 4), 16));
                    i += 4;
                    break;
                default: Assert.Fail($"\\{inner[i]} is no escape of TOML"); break;
            }
        }
        return read.ToString();
    }
}
