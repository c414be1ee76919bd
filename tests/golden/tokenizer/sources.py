"""The texts that make.py cuts and mixes: one sentence a script, snippets of code, awkward characters."""

# Article 1 of the Universal Declaration of Human Rights (United Nations, public), or a part of it.
SENTENCES = {
    "latin_en": "All human beings are born free and equal in dignity and rights. They are endowed with "
                "reason and conscience and should act towards one another in a spirit of brotherhood.",
    "latin_de": "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft "
                "und Gewissen begabt und sollen einander im Geiste der Brüderlichkeit begegnen.",
    "latin_fr": "Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués "
                "de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.",
    "latin_pl": "Wszyscy ludzie rodzą się wolni i równi pod względem swej godności i swych praw. Są oni "
                "obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa.",
    "latin_vi": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền lợi. Mọi con "
                "người đều được tạo hoá ban cho lý trí và lương tâm.",
    "latin_tr": "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana "
                "sahiptirler ve birbirlerine karşı kardeşlik zihniyeti ile hareket etmelidirler.",
    "cyrillic_ru": "Все люди рождаются свободными и равными в своём достоинстве и правах. Они наделены "
                   "разумом и совестью и должны поступать в отношении друг друга в духе братства.",
    "cyrillic_uk": "Всі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені "
                   "розумом і совістю і повинні діяти у відношенні один до одного в дусі братерства.",
    "greek": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα. Είναι "
             "προικισμένοι με λογική και συνείδηση.",
    "arabic": "يولد جميع الناس أحرارًا متساوين في الكرامة والحقوق. وقد وهبوا عقلاً وضميرًا وعليهم أن يعامل "
              "بعضهم بعضًا بروح الإخاء.",
    "persian": "تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند. ۱۲۳۴۵۶۷۸۹۰",
    "hebrew": "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון.",
    "devanagari": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। "
                  "उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है। १२३४५",
    "bengali": "সমস্ত মানুষ স্বাধীনভাবে সমান মর্যাদা এবং অধিকার নিয়ে জন্মগ্রহণ করে। তাঁদের বিবেক এবং বুদ্ধি আছে। ১২৩",
    "tamil": "மனிதப் பிறவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்; அவர்கள் மதிப்பிலும் உரிமைகளிலும் சமமானவர்கள்.",
    "telugu": "ప్రతిపత్తిస్వత్వముల విషయమున మానవులెల్లరును జన్మతః స్వతంత్రులును సమానులును నగుదురు.",
    "thai": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ ต่างมีเหตุผลและมโนธรรม ๑๒๓",
    "hangul": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다. 인간은 천부적으로 이성과 양심을 부여받았다.",
    "japanese": "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。カタカナ、ｶﾀｶﾅ、１２３。",
    "han_simplified": "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。",
    "han_traditional": "人人生而自由，在尊嚴和權利上一律平等。他們賦有理性和良心，並應以兄弟關係的精神相對待。",
    "georgian": "ყველა ადამიანი იბადება თავისუფალი და თანასწორი თავისი ღირსებითა და უფლებებით.",
    "armenian": "Բոլոր մարդիկ ծնվում են ազատ ու հավասար իրենց արժանապատվությամբ ու իրավունքներով։",
    "ethiopic": "የሰው ልጅ ሁሉ ሲወለድ ነጻና በክብርና በመብትም እኩልነት ያለው ነው።",
    "khmer": "មនុស្សទាំងអស់ កើតមកមានសេរីភាព និងសមភាព ក្នុងផ្នែកសេចក្ដីថ្លៃថ្នូរនិងសិទ្ធិ។",
    "burmese": "လူတိုင်းသည် တူညီ လွတ်လပ်သော ဂုဏ်သိက္ခာဖြင့် လည်းကောင်း၊ တူညီလွတ်လပ်သော အခွင့်အရေးများဖြင့် လည်းကောင်း။",
    "tibetan": "འགྲོ་བ་མིའི་རིགས་རྒྱུད་ཡོངས་ལ་སྐྱེས་ཙམ་ཉིད་ནས་ཆེ་མཐོངས་དང༌། ཐོབ་ཐངགི་རང་དབང་འདྲ་མཉམ་དུ་ཡོད་ལ།",
    "cherokee": "ᏂᎦᏓ ᎠᏂᏴᏫ ᏂᎨᎫᏓᎸᎾ ᎠᎴ ᎤᏂᏠᏱ ᎤᎾᏕᎿ",
}

# First and last code point of blocks from which characters are drawn, assigned or not.
BLOCKS = {
    "latin": (0x0041, 0x024F), "ipa": (0x0250, 0x02FF), "combining": (0x0300, 0x036F),
    "greek": (0x0370, 0x03FF), "cyrillic": (0x0400, 0x052F), "armenian": (0x0530, 0x058F),
    "hebrew": (0x0590, 0x05FF), "arabic": (0x0600, 0x06FF), "syriac": (0x0700, 0x074F),
    "devanagari": (0x0900, 0x097F), "bengali": (0x0980, 0x09FF), "gurmukhi": (0x0A00, 0x0A7F),
    "tamil": (0x0B80, 0x0BFF), "telugu": (0x0C00, 0x0C7F), "malayalam": (0x0D00, 0x0D7F),
    "sinhala": (0x0D80, 0x0DFF), "thai": (0x0E00, 0x0E7F), "tibetan": (0x0F00, 0x0FFF),
    "georgian": (0x10A0, 0x10FF), "jamo": (0x1100, 0x11FF), "ethiopic": (0x1200, 0x137F),
    "cherokee": (0x13A0, 0x13FF), "khmer": (0x1780, 0x17FF), "mongolian": (0x1800, 0x18AF),
    "punctuation": (0x2000, 0x206F), "super_and_sub": (0x2070, 0x209F), "currency": (0x20A0, 0x20CF),
    "letterlike_and_numbers": (0x2100, 0x218F), "arrows_and_maths": (0x2190, 0x22FF),
    "enclosed": (0x2460, 0x24FF), "boxes_and_shapes": (0x2500, 0x25FF), "symbols": (0x2600, 0x27BF),
    "cjk_punctuation_and_kana": (0x3000, 0x30FF), "han": (0x4E00, 0x9FFF), "hangul": (0xAC00, 0xD7AF),
    "private_use": (0xE000, 0xF8FF), "compatibility": (0xF900, 0xFFEF), "linear_b": (0x10000, 0x100FF),
    "gothic_and_more": (0x10330, 0x103FF), "cuneiform": (0x12000, 0x1247F),
    "musical": (0x1D100, 0x1D1FF), "mathematical": (0x1D400, 0x1D7FF), "emoji": (0x1F300, 0x1FAFF),
    "han_extension_b": (0x20000, 0x2A6DF), "tags": (0xE0000, 0xE01EF), "last_plane": (0x10FF00, 0x10FFFF),
}

CODE = [
    'int main(int argc, char** argv) {\n  std::vector<int> v{1, 2, 3};\n\tfor (auto& x : v) x <<= 2;\n  return v[0] != 4 ? 1 : 0;\n}\n',
    'def fit(self, x, *, lr=1e-3, **kw):\n    """Doc."""\n    return {k: v ** 2 for k, v in kw.items() if v is not None}\n\n\nclass A(B):\n    pass\n',
    'SELECT u.id, COUNT(*) AS n FROM users u LEFT JOIN orders o ON o.user_id = u.id\n  WHERE u.name LIKE \'O\'\'Brien%\' GROUP BY 1 HAVING n >= 10;\n',
    '<!DOCTYPE html>\n<div class="row" data-x=\'1\'>\n\t\t<p>It&#39;s &lt;b&gt; &nbsp;&copy; 2024</p>\r\n</div>\n',
    '{"name": "a\\u00e9\\n", "list": [1, -2.5e-10, null, true], "nested": {"k": []}}',
    '#!/bin/sh\nset -euo pipefail\nfor f in "$@"; do [ -f "$f" ] && sed -e \'s/^\\s*//\' "$f" | sort -u > /tmp/out.$$; done\n',
    'fn main() -> Result<(), Box<dyn Error>> {\n    let s = r#"raw "text""#;\n    println!("{:?} {}", s.chars().rev().collect::<String>(), \'\\\'\');\n    Ok(())\n}\n',
    'const f = async ({a = 1, ...rest}) => `${await g(a)}\\n` ?? rest?.b;  // TODO: x\nexport default f;\n',
    '\\begin{align}\n  E &= mc^2 \\\\\n  \\nabla \\cdot \\vec{B} &= 0\n\\end{align}\n% comment\n',
    'func (s *Server) Serve(ctx context.Context) (err error) {\n\tdefer func() { err = errors.Join(err, s.Close()) }()\n\tselect {\n\tcase <-ctx.Done():\n\t\treturn ctx.Err()\n\t}\n}\n',
    'all: build/app\n\nbuild/%: src/%.c\n\t$(CC) $(CFLAGS) -o $@ $<\n\n.PHONY: all\n',
    '- [x] **bold** _it_ `code`\n  1. https://example.org/a?b=c&d=%20#frag\n> quote\n\n| a | b |\n|---|---|\n',
    '0x7fff5fbff8c0: 48 89 e5 movq %rsp, %rbp ; @@ -1,7 +1,9 @@ --- a/x.c\n+++ b/x.c\n',
]

SPACES = [" ", "  ", "   ", "     ", "\t", "\t\t", "\t\t\t", "\n", "\n\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\xa0",
          "\u1680", "\u2000", "\u2003", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", " " * 31,
          " " * 32, " " * 33, " " * 70, "\t" * 9, "\t" * 10, "\t" * 23, " \t ", "\n \n", "  \n", "\t \t\t"]

# Looks like white space or separates, and is neither a space, a letter nor a number to the rule.
NOT_SPACES = ["\x1c", "\x1d", "\x1e", "\x1f", "\u180e", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\x00", "\x7f"]

CONTRACTIONS = ["I'm", "you're", "it's", "don't", "we've", "they'll", "he'd", "I'M", "YOU'RE", "IT'S", "DON'T", "WE'VE",
                "THEY'LL", "HE'D", "'tis", "'Twas", "rock'n'roll", "y'all'd've", "it’s", "l'été", "'", "''", "'s", " 's",
                "'S", "'ll", "'l", "'v", "'ve've", "o'clock", "'re 're", "a'b'c", "d'", "'d'd", "x'mas", "'m m'"]

NUMBERS = ["0", "007", "42", "3.14159", "1,000,000", "1e-10", "-273.15", "2024-07-23", "12:34:56.789", "+49 (0)30 1234",
           "0xDEADBEEF", "½ ¾ ⅓", "²³¹", "①②③", "ⅣⅨ", "٠١٢٣", "१२३", "๓๔", "１２３", "Ⅷ", "9" * 40, "1_000", "v1.2.3-rc4",
           "$9.99", "€5", "50%", "1/2", "3rd", "x2y3"]

EMOJI = ["😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "❤️", "☺", "1️⃣", "🧑🏿‍🚀", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👨‍💻", "🫠", "✈️", "©️", "🤷🏼‍♀️", "💩💩💩"]

ADDED = ["<|endoftext|>", "<|endoftext", "|endoftext|>", "<|ENDOFTEXT|>", "<|endoftext|><|endoftext|>", " <|endoftext|> ",
         "<|<|endoftext|>", "<image>", "  <|endoftext|>  ", "a  b", "a   b", "a\t\tb", "a\t b", "\t\t ", " \t\t", "  \n  ", " " * 64]

PROMPTS = ["\n\nQuestion: Describe this image.\n\nAnswer:", "\n\nQuestion: What does the text say?\n\nAnswer:", " 000073<|endoftext|>",
           " A cat sat.<|endoftext|>", "\n\nCaption:", "\n\nShort caption:", "\n\nLong caption:", "\n\nDetect: crack\n\n",
           "\n\nPoint: the left eye\n\n", "a  b", "hello   world"]

# Endings, beginnings and neighbours that the clean-up of decoded text is about.
CLEAN_UP = [" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're", " 'll", " ;", " ' . ", " ' ' ' ", " '", "' ", "  .",
            " . . .", " n", "n't", " , !", " ''s", " 't", " n'", "\n.", "\u00a0."]
