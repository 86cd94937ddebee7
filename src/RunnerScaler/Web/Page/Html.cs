using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace RunnerScaler.Web.Page;

/// <summary>
/// Markup. Made from interpolated strings, whose text is markup and whose holes are text: whatever is in them is
/// escaped, for content and for attributes in double quotation marks alike. Only other <see cref="Html"/> goes in as it
/// is.
/// </summary>
/// <param name="Text">The markup.</param>
internal readonly record struct Html(string Text)
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>Nothing.</summary>
    public static Html None { get; } = new("");

    /// <param name="markup">An interpolated string.</param>
    public static Html Of(ref Markup markup) => new(markup.ToString());

    /// <summary>One after the other.</summary>
    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts.Select(p => p.Text)));

    public override string ToString() => Text;

    /// <summary>What the compiler makes of an interpolated string.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup(int literal, int holes)
    {
        private readonly StringBuilder text = new(literal + (holes * 16));

        public void AppendLiteral(string markup) => text.Append(markup);

        public void AppendFormatted(string? value) => text.Append(value is null ? "" : Encoder.Encode(value));

        public void AppendFormatted(long value) => text.Append(value.ToString("N0", CultureInfo.InvariantCulture));

        /// <summary>A coordinate: at most one decimal.</summary>
        public void AppendFormatted(double value) => text.Append(value.ToString("0.#", CultureInfo.InvariantCulture));

        public void AppendFormatted(Html part) => text.Append(part.Text);

        public void AppendFormatted(IEnumerable<Html> parts)
        {
            foreach (var part in parts)
                text.Append(part.Text);
        }

        public override string ToString() => text.ToString();
    }
}
